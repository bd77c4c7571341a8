"""Limits: how often somebody may try. Counted in Redis for all processes, in memory where Redis is away."""
from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

LOGIN = "10 per minute; 30 per 15 minutes; 60 per day"
"""Per address and account; the way back grows longer with every window that is used up, and nobody is locked out for good."""
ADDRESS = "60 per minute; 600 per hour"
"""Per address, over all accounts."""


def _address() -> str:
    return f"address {get_remote_address()}"


def _address_and_account() -> str:
    return f"login {get_remote_address()} {request.form.get('username', '').strip().lower()[:128]}"


def failed(response: Response) -> bool:
    """Only a wrong password counts."""
    return response.status_code == 422


limiter = Limiter(key_func=_address, strategy="fixed-window")
login = limiter.limit(LOGIN, key_func=_address_and_account, methods=["POST"], deduct_when=failed)
login_address = limiter.limit(ADDRESS, key_func=_address, methods=["POST"], deduct_when=failed)
password = limiter.limit(LOGIN, key_func=_address, methods=["POST"], deduct_when=failed)
