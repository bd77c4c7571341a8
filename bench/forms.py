"""Forms: a deal as a browser and as a program sends it, all twenty fields."""
import json
from urllib.parse import urlencode

from bench.client import NUMBER

NEW = NUMBER.decode()
FIELDS = {
    "name": f"Vekenlai Somura {NEW}", "account": "4711", "stage": "Proposal", "amount": "48250.50", "close_date": "2026-11-30",
    "type": "New business", "probability": "40", "source": "Partner", "next_step": "Send the offer", "contact": "Hoa Trần",
    "email": "hoa@example.com", "phone": "+84901234567", "website": "https://hoa.example", "seats": "25", "discount": "2.5",
    "score": "70", "strategic": "on", "last_contact": "2026-11-20T09:30", "competitor": "Other & Sons",
    "description": "Boxes and film for the season, delivered to two places."}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def body(**more: str) -> bytes:
    return urlencode(FIELDS | more).encode()


def document(**more: str) -> bytes:
    """For the API: the same values as JSON."""
    given = FIELDS | {"strategic": True, "last_contact": "2026-11-20T09:30:00Z"} | more
    return json.dumps(given).encode()
