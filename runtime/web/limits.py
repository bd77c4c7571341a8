"""Limits: how often somebody may try. Counted in Redis for all processes, in memory where Redis is away."""
import time

from flask import Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage

from runtime.db import relay

LOGIN = "10 per minute; 30 per 15 minutes; 60 per day"
"""Per address and account; the way back grows longer with every window that is used up, and nobody is locked out for good."""
ADDRESS = "60 per minute; 600 per hour"
"""Per address, over all accounts."""
OFF = "off"


class Counters(Storage):
    """The counts, in the Redis that the relay knows; found when first needed, so that a start need not wait for it."""
    STORAGE_SCHEME = ["house"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        name = self._name(key)
        with relay.client().pipeline(transaction=False) as pipeline:       # a time that was not set is set by the next call
            pipeline.incrby(name, amount)
            pipeline.expire(name, expiry, nx=amount != 0)
            return int(pipeline.execute()[0])

    def get(self, key: str) -> int:
        return int(relay.client().get(self._name(key)) or 0)

    def get_expiry(self, key: str) -> float:
        return time.time() + max(0, relay.client().pttl(self._name(key))) / 1000

    def check(self) -> bool:
        try:
            return bool(relay.client().ping())
        except Exception:                           # asked only after it failed, to see whether it is back
            return False

    def reset(self) -> int | None:
        found = list(relay.client().scan_iter(self._name("*")))
        return relay.client().delete(*found) if found else 0

    def clear(self, key: str) -> None:
        relay.client().delete(self._name(key))

    def _name(self, key: str) -> str:
        return f"{relay.prefix()}-limit:{key}"


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
    return f"api {actor.user_id}" if actor is not None else _address()


def _api_rate() -> str:
    """The limit of an API request; pages have none of this kind."""
    rate = current_app.config["API_RATE"] if request.path.startswith("/api/") else OFF
    return "" if rate == OFF else rate


limiter = Limiter(key_func=_address, strategy="fixed-window",
                  application_limits=[ApplicationLimit(_api_rate, key_function=_key)])
login = limiter.limit(LOGIN, key_func=_address_and_account, methods=["POST"], deduct_when=failed)
login_address = limiter.limit(ADDRESS, key_func=_address, methods=["POST"], deduct_when=failed)
password = limiter.limit(LOGIN, key_func=_address, methods=["POST"], deduct_when=failed)
