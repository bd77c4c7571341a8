"""Passwords: hashed with argon2id; the older hashes of FAB and Werkzeug are still understood."""
import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from runtime.errors import Invalid
from runtime.locale.text import _

SHORTEST, LONGEST = 8, 128
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each hash takes 19 MiB; a crowd at the door must wait, not fill the memory."""
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""glibc would keep those 19 MiB for good; other C libraries give them back by themselves."""

COMMON = frozenset((
    "password", "password1", "passw0rd", "12345678", "123456789", "1234567890", "87654321", "11111111", "00000000",
    "qwertyui", "qwertyuiop", "qwerty123", "abc12345", "abcd1234", "iloveyou", "sunshine", "princess", "football",
    "baseball", "superman", "trustno1", "welcome1", "letmein1", "administrator", "changeme", "changeit", "1q2w3e4r",
    "1qaz2wsx", "zaq12wsx", "asdfghjk", "matkhau1", "matkhau123", "anhyeuem", "123456789a"))


@contextmanager
def _room() -> Iterator[None]:
    """The memory for one hash, and back."""
    with _AT_ONCE:
        try:
            yield
        finally:
            if _trim is not None:
                _trim(0)


def hash(password: str) -> str:
    with _room():
        return _HASHER.hash(password)


_FAKE = "$argon2id$v=19$m=19456,t=2,p=1$JB8T3jvOEFwW0w4OQ6T7AQ$rbhkZIIByPqNA04VoXneFowo0Ld8W4wbhWKaiuu7gz0"
"""The hash of a password nobody knows: 32 random bytes, thrown away."""


def matches(kept: str | None, password: str) -> bool:
    """Compare; with nothing kept it takes as long and is False, so that unknown accounts cannot be told by time."""
    password = password[:LONGEST + 1]
    with _room():
        try:
            return _HASHER.verify(kept or _FAKE, password) and kept is not None
        except InvalidHashError:
            return _older(kept or "", password)
        except VerificationError:
            return False


def _older(kept: str, password: str) -> bool:
    from werkzeug.security import check_password_hash  # here: only accounts that came from another FAB application

    try:
        return check_password_hash(kept, password)
    except ValueError:
        return False


def outdated(kept: str) -> bool:
    try:
        return _HASHER.check_needs_rehash(kept)
    except InvalidHashError:
        return True


def check(password: str, *about: str | None) -> None:
    """Raises Invalid where a password is too short, too long, common, or one of the words about the person."""
    if len(password) < SHORTEST:
        raise Invalid({"password": [_("A password needs at least %(n)s characters.", n=SHORTEST)]})
    if len(password) > LONGEST:
        raise Invalid({"password": [_("A password may have at most %(n)s characters.", n=LONGEST)]})
    if "\0" in password or password.lower() in COMMON or len(set(password)) < 3:
        raise Invalid({"password": [_("Too many people use this password; choose another.")]})
    if any(word and password.lower() == word.lower() for word in about):
        raise Invalid({"password": [_("Your name makes no good password; choose another.")]})
