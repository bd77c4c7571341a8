"""Users: the verbs on accounts. FAB keeps them (gatehouse.py); reading who somebody is costs no FAB.

An account may be inactive: it owns records and cannot log in, which is how an import brings in people it does not know.
"""
import secrets
from collections.abc import Iterable
from typing import Any

from metadata.model.role import Role
from runtime.errors import Conflict, Invalid, NotFound
from runtime.locale.text import _
from runtime.security import passwords, store
from runtime.security.store import ADMIN, Person
from runtime.tables import published
from runtime.values import Actor

UNKNOWN_EMAIL = "users.invalid"
"""FAB wants an email address of everybody; .invalid can never receive mail, and house.person shows it as none."""


def create(name: str, *, roles: Iterable[str] = (), password: str | None = None, email: str | None = None,
           full_name: str | None = None, active: bool = True, check_password: bool = True) -> int:
    """Add an account and return its id. name: what the person types to log in (a word or an email address).

    Without a password nobody can log in with one until it is set. Raises Invalid, Conflict (the name is taken).
    """
    name = _clean(name)
    email = (email or (name if "@" in name else "")).strip().lower() or None
    full_name = " ".join((full_name or _full_name(name)).split())
    if not name or len(name) > 128 or len(full_name) > 120:
        raise Invalid({"name": [_("A user name has 1 to 128 characters.")]})
    if password is not None and check_password:
        passwords.check(password, name, email, full_name)
    names = _known_roles(roles)
    if store.person(name) or (email and store.person(email)):
        raise Conflict(_("There is already a user '%(name)s'.", name=name))
    first, _space, last = full_name.partition(" ")
    with _gatehouse() as gatehouse:
        user = gatehouse.add_user(
            name, first[:64], last[:64], email or f"{secrets.token_hex(8)}@{UNKNOWN_EMAIL}",
            role=[gatehouse.find_role(role) for role in names],
            hashed_password=passwords.hash(password if password is not None else secrets.token_urlsafe(32)))
        if not user:
            raise Conflict(_("There is already a user '%(name)s'.", name=name))
        if not active:
            user.active = False
        return user.id


def ensure_admin(name: str, password: str) -> tuple[int, bool]:
    """The administrator of a new installation: (id, whether the account was made now). An existing one is left alone."""
    known = store.person(name)
    if known is not None:
        return known.id, False
    return create(name, roles=(ADMIN,), password=password, full_name="Administrator", check_password=False), True


def authenticate(name: str, password: str) -> int | None:
    """The id of the active account these belong to; None, after the same time, for everything else."""
    if not name or len(name) > 320 or "\0" in name or len(password) > 4 * passwords.LONGEST:
        passwords.matches(None, "")
        return None
    with _gatehouse() as gatehouse:
        user = gatehouse.auth_user_db(name.strip(), password)
        return None if user is None else user.id


def set_password(user_id: int, password: str, *, keep_session: int | None = None, revoke_keys: bool = False) -> None:
    """Raises Invalid. Ends every session of the person but `keep_session`; their API keys too, where asked (safety T33)."""
    person = get(user_id)
    passwords.check(password, person.username, person.email, person.name)
    with _gatehouse() as gatehouse:
        gatehouse.reset_password(user_id, password)
        store.end_sessions(user_id, but=keep_session)
        if revoke_keys:
            store.revoke_keys(user_id)


def disable(user_id: int) -> None:
    """Nobody can act as this person any more: sessions end, API keys stop. Records stay theirs."""
    with _gatehouse() as gatehouse:
        user = gatehouse.get_user_by_id(get(user_id).id)
        if user.active and _is_last_admin(user_id):
            raise Conflict(_("This is the last administrator; make someone else one first."))
        user.active = False
        store.end_sessions(user_id)


def enable(user_id: int) -> None:
    with _gatehouse() as gatehouse:
        gatehouse.get_user_by_id(get(user_id).id).active = True


def set_roles(user_id: int, roles: Iterable[str]) -> None:
    """Raises Invalid for a role that is not published, Conflict for the last administrator."""
    names = _known_roles(roles)
    if ADMIN not in names and _is_last_admin(user_id):
        raise Conflict(_("This is the last administrator; make someone else one first."))
    with _gatehouse() as gatehouse:
        gatehouse.get_user_by_id(get(user_id).id).roles = [gatehouse.find_role(name) for name in names]


def rename(user_id: int, *, full_name: str | None = None, email: str | None = None) -> None:
    """What the person is called and where mail reaches them. Raises Conflict where the address is someone else's."""
    person = get(user_id)
    other = store.person(email) if email else None
    if other is not None and other.id != user_id:
        raise Conflict(_("There is already a user '%(name)s'.", name=email))
    with _gatehouse() as gatehouse:
        user = gatehouse.get_user_by_id(person.id)
        if full_name and full_name.strip():
            first, _space, last = " ".join(full_name.split()).partition(" ")
            user.first_name, user.last_name = first[:64], last[:64]
        if email:
            user.email = email.strip().lower()[:320]


def find(name: str | int) -> Person | None:
    """By id, user name or email address."""
    return store.person(name)


def get(name: str | int) -> Person:
    """Like find; raises NotFound."""
    person = store.person(name)
    if person is None:
        raise NotFound(_("There is no user '%(name)s'.", name=name))
    return person


def token(user: str | int, name: str = "API key") -> str:
    """A new API key of an active account, shown this once."""
    person = get(user)
    if not person.active:
        raise Conflict(_("'%(name)s' is disabled and cannot have an API key.", name=person.username))
    return store.make_key(person.id, name)


def actor_for(user: int | str, channel: str, *, inactive: bool = False) -> Actor:
    """A person as an actor with the rights they have now. Raises NotFound for an unknown or disabled one."""
    person_id = user if isinstance(user, int) else get(user).id
    actor = store.actor(person_id, channel, inactive=inactive)
    if actor is None:
        raise NotFound(_("There is no user '%(name)s'.", name=user))
    return actor


def sync_roles() -> None:
    """Let accounts hold every published role. Retired ones stay with their people and give nothing."""
    store.add_roles([ADMIN, *(role.name for role in published.current().definitions.of(Role))])


def assignable_roles() -> dict[str, str]:
    """{name: label} of the roles an administrator may give: administrator, and every published one."""
    return {ADMIN: _("Administrator")} | {role.name: role.label for role in published.current().definitions.of(Role)}


def _known_roles(roles: Iterable[str]) -> list[str]:
    names = list(dict.fromkeys(roles))
    if not names:
        return []
    known = assignable_roles()
    by_word: dict[str, str] = {}
    for name, label in known.items():               # the administrator's first: no published role takes its words away
        for word in (name, label):
            by_word.setdefault(word.lower(), name)
    found = [name if name in known else by_word.get(name.strip().lower()) for name in names]
    unknown = [name for name, role in zip(names, found, strict=True) if role is None]
    if unknown:
        raise Invalid({"roles": [_("There is no role '%(name)s'. Known: %(known)s.", name=unknown[0],
                                   known=", ".join(sorted(known)))]})
    store.add_roles(found)
    return found


def _is_last_admin(user_id: int) -> bool:
    admins = [person.id for person in store.people(limit=100_000) if person.active and ADMIN in person.roles]
    return admins == [user_id]


def _clean(name: str) -> str:
    name = " ".join(name.split())
    if any(ord(letter) < 32 for letter in name):
        raise Invalid({"name": [_("A user name has 1 to 128 characters.")]})
    return name


def _full_name(name: str) -> str:
    return name.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").title()


def _gatehouse() -> Any:
    """Open FAB's manager. Imported here: it costs 0.7 s and 15 MiB that a request for a page never needs."""
    from runtime.security import gatehouse

    return gatehouse.opened()


def warm() -> None:
    """Load FAB in this process, ahead of a login."""
    from runtime.security import gatehouse  # here: for the same reason

    gatehouse.warm()
