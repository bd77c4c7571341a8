"""Sessions, API keys, profiles and people in the database: plain SQL, because every request asks here.

A token is 256 random bits; only its SHA-256 is kept. `whose` is the one statement that turns a cookie or a key into
a person with roles, language and zone, and brings the number of the published version along.
"""
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.statement import Statement
from runtime.db.transaction import reading, transaction
from runtime.tables.published import NUMBER
from runtime.values import Actor

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(hours=24)
COARSE = timedelta(minutes=5)
"""How exactly "last seen" and "last used" are kept: a write per request would be dear."""
KEY_PREFIX = "byn_"
ADMIN = "Admin"
LANGUAGE, ZONE, THEME, DENSITY = "en", "UTC", "auto", "cosy"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a cookie or a key belongs to, and what came along. seen: when it was last noted that it was used."""
    actor: Actor
    number: int
    id: int
    seen: datetime | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    username: str
    name: str
    email: str | None
    active: bool
    roles: tuple[str, ...] = ()
    last_login: datetime | None = None


_WHO = """
  who.id AS user_id, btrim(who.first_name || ' ' || who.last_name) AS name, who.username,
  profile.language, profile.time_zone, profile.theme, profile.density,
  ARRAY(SELECT role.name FROM public.ab_role AS role WHERE role.id IN (
    SELECT held.role_id FROM public.ab_user_role AS held WHERE held.user_id = who.id UNION ALL
    SELECT shared.role_id FROM public.ab_user_group AS member JOIN public.ab_group_role AS shared USING (group_id)
    WHERE member.user_id = who.id)) AS roles
"""

_BY_SESSION = Statement(sa.text(f"""
SELECT held.id, held.seen, held.data, ({NUMBER}) AS number, {_WHO}
FROM house.session AS held
JOIN public.ab_user AS who ON who.id = held.user_id AND who.active
LEFT JOIN house.profile AS profile ON profile.user_id = who.id
WHERE held.token = :hash AND held.expires > :now AND held.seen > :idle
"""))

_BY_KEY = Statement(sa.text(f"""
SELECT held.id, held.last_used AS seen, '{{}}'::jsonb AS data, ({NUMBER}) AS number, {_WHO}
FROM house.api_key AS held
JOIN public.ab_user AS who ON who.id = held.user_id AND who.active
LEFT JOIN house.profile AS profile ON profile.user_id = who.id
WHERE held.hash = :hash AND held.revoked IS NULL
"""))

_BY_ID = sa.text(f"""
SELECT {_WHO} FROM public.ab_user AS who LEFT JOIN house.profile AS profile ON profile.user_id = who.id
WHERE who.id = :id AND (who.active OR :inactive)
""")


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def by_session(token: str) -> Identity | None:
    """Who holds this session; None where it is unknown, idle for too long, over, or its person is disabled."""
    now = clock.now()
    with reading() as connection:
        found = _BY_SESSION.rows(connection, {"hash": hashed(token), "now": now, "idle": now - IDLE})
    return _identity(found[0], "page") if found else None


def by_key(key: str) -> Identity | None:
    """Whose API key this is; None where it is unknown, revoked, or its person is disabled."""
    with reading() as connection:
        found = _BY_KEY.rows(connection, {"hash": hashed(key)})
    return _identity(found[0], "api") if found else None


def actor(user_id: int, channel: str, *, inactive: bool = False) -> Actor | None:
    """A person as an actor, with the rights they have now; None for an unknown (or disabled) one."""
    with reading() as connection:
        row = connection.execute(_BY_ID, {"id": user_id, "inactive": inactive}).one_or_none()
    return None if row is None else _actor(row, channel)


def _identity(row: Sequence[Any], channel: str) -> Identity:
    held, seen, data, number, *who = row
    return Identity(_actor(who, channel), number or 0, held, seen, data)


def _actor(who: Sequence[Any], channel: str) -> Actor:
    """who: the columns of _WHO."""
    user_id, name, username, language, time_zone, theme, density, roles = who
    return Actor(user_id, name or username, tuple(sorted(role for role in roles if role != ADMIN)),
                 everything=ADMIN in roles, language=language or LANGUAGE, time_zone=time_zone or ZONE,
                 channel=channel, theme=theme or THEME, density=density or DENSITY)


# Sessions

def start_session(user_id: int, data: Mapping[str, Any], *, agent: str = "", address: str = "") -> str:
    """A new session; its token is returned here and never again. Ended and expired ones are cleared away."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with transaction() as tx:
        tx.execute(sa.text("DELETE FROM house.session WHERE user_id = :user AND (expires < :now OR seen < :idle)"),
                   {"user": user_id, "now": now, "idle": now - IDLE})
        tx.execute(sa.text("INSERT INTO house.session (token, user_id, created, seen, expires, agent, address, data)"
                           " VALUES (:hash, :user, :now, :now, :expires, :agent, :address, :data)")
                   .bindparams(sa.bindparam("data", type_=sa.JSON)),
                   {"hash": hashed(token), "user": user_id, "now": now, "expires": now + ABSOLUTE,
                    "agent": agent[:200], "address": address[:60], "data": dict(data)})
    return token


def keep_data(token: str, data: Mapping[str, Any]) -> None:
    """What a page wants to remember for the length of the session."""
    with transaction() as tx:
        tx.execute(sa.text("UPDATE house.session SET data = :data WHERE token = :hash")
                   .bindparams(sa.bindparam("data", type_=sa.JSON)), {"hash": hashed(token), "data": dict(data)})


def note_seen(identity: Identity, table: str) -> None:
    """Remember coarsely that a session ("session") or key ("api_key") is in use."""
    now = clock.now()
    if identity.seen is not None and now - identity.seen < COARSE:
        return
    column = {"session": "seen", "api_key": "last_used"}[table]
    with transaction() as tx:
        tx.execute(sa.text(f"UPDATE house.{table} SET {column} = :now WHERE id = :id"), {"now": now, "id": identity.id})


def end_session(token: str) -> None:
    with transaction() as tx:
        tx.execute(sa.text("DELETE FROM house.session WHERE token = :hash"), {"hash": hashed(token)})


def end_sessions(user_id: int, *, but: int | None = None, only: int | None = None) -> int:
    """End a person's sessions: all, all but one, or only one; how many ended."""
    with transaction() as tx:
        return tx.execute(sa.text(
            "DELETE FROM house.session WHERE user_id = :user AND (CAST(:but AS bigint) IS NULL OR id <> :but)"
            " AND (CAST(:only AS bigint) IS NULL OR id = :only)"),
            {"user": user_id, "but": but, "only": only}).rowcount


def sessions(user_id: int) -> Sequence[Any]:
    """Rows (id, created, seen, agent, address) of the person's live sessions, newest first."""
    now = clock.now()
    with reading() as connection:
        return connection.execute(sa.text(
            "SELECT id, created, seen, agent, address FROM house.session"
            " WHERE user_id = :user AND expires > :now AND seen > :idle ORDER BY seen DESC"),
            {"user": user_id, "now": now, "idle": now - IDLE}).all()


# API keys

def make_key(user_id: int, name: str) -> str:
    """A new API key; shown here and never again."""
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    with transaction() as tx:
        tx.execute(sa.text("INSERT INTO house.api_key (hash, name, start, user_id, created)"
                           " VALUES (:hash, :name, :start, :user, :now)"),
                   {"hash": hashed(key), "name": name.strip()[:80] or "API key", "start": key[:9], "user": user_id,
                    "now": clock.now()})
    return key


def revoke_keys(user_id: int, *, only: int | None = None) -> int:
    """Revoke a person's API keys: all, or only one; how many were."""
    with transaction() as tx:
        return tx.execute(sa.text("UPDATE house.api_key SET revoked = :now WHERE user_id = :user AND revoked IS NULL"
                                  " AND (CAST(:only AS bigint) IS NULL OR id = :only)"),
                          {"now": clock.now(), "user": user_id, "only": only}).rowcount


def keys(user_id: int) -> Sequence[Any]:
    """Rows (id, name, start, created, last_used) of the person's working keys, newest first."""
    with reading() as connection:
        return connection.execute(sa.text(
            "SELECT id, name, start, created, last_used FROM house.api_key"
            " WHERE user_id = :user AND revoked IS NULL ORDER BY id DESC"), {"user": user_id}).all()


# Profiles

PROFILE = ("language", "time_zone", "theme", "density")


def save_profile(user_id: int, given: Mapping[str, str]) -> None:
    """given: some of PROFILE, already checked."""
    chosen = {name: given[name] for name in PROFILE if name in given}
    if not chosen:
        return
    columns, values = ", ".join(chosen), ", ".join(f":{name}" for name in chosen)
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in chosen)
    with transaction() as tx:
        tx.execute(sa.text(f"INSERT INTO house.profile (user_id, {columns}) VALUES (:user_id, {values})"
                           f" ON CONFLICT (user_id) DO UPDATE SET {changes}"), {"user_id": user_id, **chosen})


# People

_PEOPLE = """
SELECT person.id, person.username, person.name, person.email, person.active, who.last_login,
  ARRAY(SELECT role.name FROM house.person_role AS role WHERE role.user_id = person.id ORDER BY role.name) AS roles
FROM house.person AS person JOIN public.ab_user AS who ON who.id = person.id
"""


def person(name: str | int) -> Person | None:
    """By id, user name or email address (upper and lower case alike)."""
    if isinstance(name, int):
        where, given = "person.id = :name", {"name": name}
    else:
        where, given = "lower(person.username) = :name OR lower(person.email) = :name", {"name": name.strip().lower()}
    with reading() as connection:
        row = connection.execute(sa.text(f"{_PEOPLE} WHERE {where} ORDER BY lower(person.username) = lower(:like) DESC LIMIT 1"),
                                 {**given, "like": str(name).strip()}).one_or_none()
    return None if row is None else _person(row)


def password_mark(user_id: int) -> str | None:
    """Tells whether the password of an active account is still the same, and nothing about it; None for any other account."""
    with reading() as connection:
        kept = connection.scalar(sa.text("SELECT password FROM public.ab_user WHERE id = :user AND active"), {"user": user_id})
    return hashlib.sha256(kept.encode()).hexdigest()[:32] if kept else None


def people(*, text: str = "", limit: int = 200) -> list[Person]:
    """Everybody, by name; text: part of a name, user name or email."""
    like = "%" + text.strip().lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    with reading() as connection:
        rows = connection.execute(sa.text(
            f"{_PEOPLE} WHERE lower(person.name || ' ' || person.username || ' ' || coalesce(person.email, '')) LIKE :like"
            " ORDER BY person.active DESC, lower(person.name), person.id LIMIT :limit"), {"like": like, "limit": limit}).all()
    return [_person(row) for row in rows]


def _person(row: Any) -> Person:
    last_login = row.last_login and row.last_login.astimezone(UTC)              # FAB keeps the server's own clock
    return Person(row.id, row.username, row.name or row.username, row.email, row.active, tuple(row.roles), last_login)


def role_names() -> tuple[str, ...]:
    """Every role an account may hold, as FAB knows them."""
    with reading() as connection:
        return tuple(connection.scalars(sa.text("SELECT name FROM public.ab_role ORDER BY name")))


def add_roles(names: Sequence[str]) -> None:
    """Make sure accounts can hold these roles."""
    with transaction() as tx:
        for name in names:
            tx.execute(sa.text("INSERT INTO public.ab_role (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"),
                       {"name": name})
