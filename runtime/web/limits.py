"""Limits: how often somebody may try, counted for all processes (`counters`)."""
from flask import Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address

from runtime.web import counters

LOGIN = "10 per minute; 30 per 15 minutes; 60 per day"
"""Per address and account; the way back grows longer with every window that is used up, and nobody is locked out for good."""
ADDRESS = "60 per minute; 600 per hour"
"""Per address, over all accounts."""
OFF = "off"


def _address() -> str:
    return f"address {get_remote_address()}"


def _address_and_account() -> str:
    return f"login {get_remote_address()} {request.form.get('username', '').strip().lower()[:128]}"


def failed(response: Response) -> bool:
    """Only a wrong password counts."""
    return response.status_code == 422


def _key() -> str:
    """Whose calls are counted: those of one person's programs together."""
    actor = g.get("actor")
    return counters.PROGRAMS + (str(actor.user_id) if actor is not None else _address())


def _api_rate() -> str:
    """The limit of an API request; pages have none of this kind."""
    rate = current_app.config["API_RATE"] if request.path.startswith("/api/") else OFF
    return "" if rate == OFF else rate


limiter = Limiter(key_func=_address, strategy="fixed-window",
                  application_limits=[ApplicationLimit(_api_rate, key_function=_key)])
login = limiter.limit(LOGIN, key_func=_address_and_account, methods=["POST"], deduct_when=failed)
login_address = limiter.limit(ADDRESS, key_func=_address, methods=["POST"], deduct_when=failed)
password = limiter.limit(LOGIN, key_func=_address, methods=["POST"], deduct_when=failed)
