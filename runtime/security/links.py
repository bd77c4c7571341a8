"""Links with which a person sets their own password, once: an administrator makes one where somebody is new or forgot theirs.

Nothing is kept: a link is signed and names the account and the password hash it was made under. It works until it is used, the
password is changed otherwise, the account is disabled, or a day is over.
"""
from itsdangerous import BadSignature, URLSafeTimedSerializer

from runtime.errors import Conflict, NotFound
from runtime.locale.text import _
from runtime.security import store, users

DAY = 24 * 60 * 60


def make(secret: str, user_id: int) -> str:
    """Raises NotFound, and Conflict for a disabled account."""
    person = users.get(user_id)
    mark = store.password_mark(user_id)
    if not person.active or mark is None:
        raise Conflict(_("'%(name)s' is disabled. Enable the account first.", name=person.username))
    return _signer(secret).dumps([user_id, mark])


def person_of(secret: str, link: str) -> store.Person:
    """Whose password the link sets. Raises NotFound for one that is forged, used, or too old."""
    try:
        user_id, mark = _signer(secret).loads(link, max_age=DAY)
    except (BadSignature, ValueError, TypeError):
        user_id, mark = 0, ""
    if not mark or store.password_mark(user_id) != mark:
        raise NotFound(_("This link was used already or is older than a day. Ask your admin for a new one."))
    return users.get(user_id)


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="set password")
