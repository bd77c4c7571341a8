"""Accounts: made, logged in with, disabled; sessions and keys that end with them."""
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.errors import Conflict, Invalid, NotFound
from runtime.security import store, users
from runtime.security.chores.clear_sessions import ClearSessions
from runtime.tables import published
from tests import builders

pytestmark = pytest.mark.usefixtures("database")


def test_an_account_logs_in_by_name_or_email_and_by_nothing_else():
    lan = users.create("lan", password="sóng Hàn 1976", email="Lan@example.com", full_name="Lan Nguyễn")

    assert users.authenticate("lan", "sóng Hàn 1976") == lan
    assert users.authenticate("LAN", "sóng Hàn 1976") == lan
    assert users.authenticate("lan@example.com", "sóng Hàn 1976") == lan
    for name, password in [("lan", "song Han 1976"), ("lan", ""), ("", "sóng Hàn 1976"), ("nobody", "x" * 12),
                           ("lan\0", "sóng Hàn 1976"), ("lan", "x" * 100_000)]:
        assert users.authenticate(name, password) is None


def test_the_password_is_kept_as_argon2_and_an_older_hash_is_renewed_at_login():
    from werkzeug.security import generate_password_hash

    old = users.create("veteran", password="correct horse")
    with reading() as connection:
        kept = connection.scalar(sa.text("SELECT password FROM ab_user WHERE id = :id"), {"id": old})
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    with reading() as connection:
        connection.execute(sa.text("UPDATE ab_user SET password = :hash WHERE id = :id"),
                           {"hash": generate_password_hash("correct horse"), "id": old})
    assert users.authenticate("veteran", "correct horse") == old
    with reading() as connection:
        kept = connection.scalar(sa.text("SELECT password FROM ab_user WHERE id = :id"), {"id": old})
    assert kept.startswith("$argon2id$")
    assert users.authenticate("veteran", "correct horse") == old


@pytest.mark.parametrize("password", ["short", "password1", "aaaaaaaaaa", "x" * 129, "duong thi hoa"])
def test_a_weak_password_is_refused_with_a_reason(password):
    with pytest.raises(Invalid) as problem:
        users.create("hoa", password=password, full_name="Duong Thi Hoa")
    assert problem.value.errors["password"]


def test_two_accounts_cannot_share_a_name_or_an_address():
    users.create("mai", email="mai@example.com")
    with pytest.raises(Conflict):
        users.create("Mai")
    with pytest.raises(Conflict):
        users.create("mai2", email="MAI@example.com")


def test_an_inactive_owner_is_a_person_who_cannot_log_in():
    owner = users.create("old.owner@example.com", full_name="Old Owner", active=False, password="long enough 1")

    person = users.get(owner)
    assert (person.name, person.email, person.active) == ("Old Owner", "old.owner@example.com", False)
    assert users.authenticate("old.owner@example.com", "long enough 1") is None
    with pytest.raises(NotFound):
        users.actor_for(owner, "api")
    with pytest.raises(Conflict):
        users.token(owner)
    users.enable(owner)
    assert users.authenticate("old.owner@example.com", "long enough 1") == owner


def test_an_unknown_role_is_refused_and_admin_is_everything():
    with pytest.raises(Invalid, match="There is no role 'king'"):
        users.create("king", roles=("king",))
    boss = users.create("boss", roles=("Admin",))

    actor = users.actor_for(boss, "cli")
    assert (actor.everything, actor.roles, actor.channel, actor.name) == (True, (), "cli", "Boss")


def test_no_published_role_is_taken_for_the_administrators():
    builders.publish_all(builders.a_role("admin", any={"read": "no"}), builders.a_role("chief", any={"read": "no"}))
    published.refresh()

    for number, said in enumerate(("Admin", "ADMIN", "Administrator")):
        assert users.actor_for(users.create(f"chief {number}", roles=(said,)), "cli").everything, said
    assert users.actor_for(users.create("small", roles=("admin",)), "cli").roles == ("admin",)


def test_the_last_administrator_stays():
    for person in store.people():
        if "Admin" in person.roles and person.username != "root":
            users.set_roles(person.id, ()) if len([one for one in store.people() if "Admin" in one.roles]) > 1 else None
    root, made = users.ensure_admin("root", "admin")
    assert made and users.ensure_admin("root", "other") == (root, False)
    for person in store.people():
        if "Admin" in person.roles and person.id != root:
            users.set_roles(person.id, ())

    with pytest.raises(Conflict):
        users.disable(root)
    with pytest.raises(Conflict):
        users.set_roles(root, ())


def test_a_session_lives_until_idle_too_long_or_too_old(frozen_clock):
    someone = users.create("idle", roles=("Admin",))
    token = store.start_session(someone, {"csrf_token": "t"}, agent="Firefox", address="::1")
    assert store.by_session(token).actor.user_id == someone
    assert store.by_session(token).data == {"csrf_token": "t"}
    assert store.by_session(token + "x") is None

    clock.advance(timedelta(hours=7))
    store.note_seen(store.by_session(token), "session")
    clock.advance(timedelta(hours=7))
    assert store.by_session(token) is not None
    store.note_seen(store.by_session(token), "session")
    clock.advance(timedelta(hours=7))
    store.note_seen(store.by_session(token), "session")
    clock.advance(timedelta(hours=4))
    assert store.by_session(token) is None          # 25 hours after it began, though it was always in use

    idle = store.start_session(someone, {})
    clock.advance(timedelta(hours=8, seconds=1))
    assert store.by_session(idle) is None


def test_sessions_that_are_over_are_cleared_away(frozen_clock):
    someone = users.create("gone.home")
    old = store.start_session(someone, {})
    clock.advance(store.IDLE + timedelta(minutes=1))
    new = store.start_session(users.create("still.here"), {})
    with transaction() as tx:
        ClearSessions().run(tx)
        kept = tx.scalars(sa.text("SELECT token FROM house.session")).all()
    assert store.hashed(new) in kept and store.hashed(old) not in kept


def test_an_unknown_account_takes_as_long_as_a_wrong_password():
    users.create("punctual", password="a good password")

    def median(name):
        spent = []
        for _ in range(9):
            began = time.thread_time()                  # of the processor: others may keep it busy
            users.authenticate(name, "not the password")
            spent.append(time.thread_time() - began)
        return sorted(spent)[4]

    median("punctual")
    differences = [abs(median("punctual") - median("nobody.at.all")) for _ in range(3)]
    assert min(differences) < 0.020


def test_disabling_ends_sessions_and_stops_keys_at_once():
    someone = users.create("leaver", password="before leaving")
    token, key = store.start_session(someone, {}), users.token("leaver", "sync")
    assert store.by_session(token) and store.by_key(key)

    users.disable(someone)

    assert store.by_session(token) is None
    assert store.by_key(key) is None
    users.enable(someone)
    assert store.by_session(token) is None
    assert store.by_key(key) is not None


def test_a_new_password_ends_every_other_session():
    someone = users.create("careful", password="the first one")
    here, elsewhere = store.start_session(someone, {}), store.start_session(someone, {})

    users.set_password(someone, "the second one", keep_session=store.by_session(here).id)

    assert store.by_session(here) is not None
    assert store.by_session(elsewhere) is None
    assert users.authenticate("careful", "the first one") is None
    assert users.authenticate("careful", "the second one") == someone


def test_a_revoked_key_is_dead_and_only_its_owner_revokes_it():
    one, other = users.create("key.one"), users.create("key.other")
    key = users.token(one)
    key_id = store.keys(one)[0].id

    assert not store.revoke_keys(other, only=key_id)
    assert store.by_key(key).actor.channel == "api"
    assert store.revoke_keys(one, only=key_id)
    assert store.by_key(key) is None and store.keys(one) == []


def test_no_token_can_be_read_back_from_the_database():
    someone = users.create("secretive")
    token, key = store.start_session(someone, {}), users.token(someone)
    with reading() as connection:
        for table in ("session", "api_key"):
            text = str(connection.execute(sa.text(f"SELECT * FROM house.{table}")).all())
            assert token not in text and key not in text


def test_a_profile_travels_with_the_actor():
    someone = users.create("traveller")
    store.save_profile(someone, {"language": "vi", "time_zone": "Asia/Ho_Chi_Minh"})
    store.save_profile(someone, {"density": "compact"})

    actor = users.actor_for(someone, "page")
    assert (actor.language, actor.time_zone, actor.theme, actor.density) == ("vi", "Asia/Ho_Chi_Minh", "auto", "compact")


def test_fab_finds_the_tables_it_expects():
    from flask_appbuilder import Model

    from runtime.security import gatehouse
    gatehouse.warm()
    with reading() as connection:
        there = {(row.table_name, row.column_name) for row in connection.execute(sa.text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"))}
    expected = {(table.name, column.name) for table in Model.metadata.tables.values() for column in table.columns}
    assert expected <= there
