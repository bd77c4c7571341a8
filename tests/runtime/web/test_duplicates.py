"""Duplicates: likely ones are shown before saving, saved anyway where the rule only warns, and never named to who may not see."""
import uuid

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from metadata.check import problems
from metadata.model.duplicate_rule import DuplicateRule
from runtime.db import relay
from runtime.errors import TooMany
from runtime.kinds.kind import catalogue
from runtime.records import guesses, likeness, service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import signed_in

PEOPLE = builders.a_module("people", builders.a_field("name", of="people", required=True),
                           builders.a_field("email", "email", of="people"), builders.a_field("tax", of="people"),
                           builders.a_field("card", of="people", unique=True),
                           search_fields=("name", "email", "tax"))


def a_rule(name, *compare, **more):
    return DuplicateRule(id=f"duplicate_{name}", name=name, module="people", compare=compare, **more)


@pytest.fixture(scope="module")
def crm(app):
    own = {"read": "own", "create": True, "edit": "own", "delete": "no", "import": False, "export": False, "give": False}
    builders.publish_all(PEOPLE, a_rule("email", {"field": "email"}), a_rule("name", {"field": "name", "by": "similar"}),
                         a_rule("tax", {"field": "tax", "by": "exact"}, action="block"), builders.a_role("rep", people=own))
    users.sync_roles()
    service.create(HOUSE, "people", {"name": "Nguyễn Thị Mai Anh", "email": "mai@trangan.example", "tax": "0301"})
    return published.current()


@pytest.fixture
def boss(app, crm):
    return signed_in(app, "boss")


def post(client, **given):
    return client.post("/m/people", data=given | {"csrf_token": client.csrf})


def test_a_likely_duplicate_is_shown_and_saved_anyway(boss):
    told = post(boss, name="Somebody", email="MAI@trangan.example")
    assert told.status_code == 409 and "may be there already" in told.text and "Nguyễn Thị Mai Anh</a>" in told.text
    assert post(boss, name="Somebody", email="MAI@trangan.example", _duplicates="allow").status_code == 303


def test_similar_names_are_found_whatever_their_accents_and_order(boss):
    assert post(boss, name="mai anh nguyen thi").status_code == 409
    assert post(boss, name="Trần Văn Bình").status_code == 303


def test_a_rule_that_blocks_is_never_passed_over(boss):
    told = post(boss, name="Another", tax="0301", _duplicates="allow")
    assert told.status_code == 409 and "Save anyway" not in told.text


def test_who_may_not_see_the_other_is_not_told_its_name(app, crm):
    told = post(signed_in(app, "lan"), name="Somebody else", email="mai@trangan.example")
    assert told.status_code == 409 and "a record you cannot see" in told.text and "Mai Anh" not in told.text


@pytest.fixture
def guessing():
    """Afterwards nobody waits: other databases have people of the same number."""
    yield
    for user_id in (*guesses._shut, *guesses._here):
        relay.client().delete(f"{relay.prefix()}-guesses:{user_id}")
    guesses._shut.clear()
    guesses._here.clear()


@pytest.mark.usefixtures("guessing")
@pytest.mark.parametrize(("field", "value", "refused"), [("email", "mai@trangan.example", 409), ("card", "C-1", 422)])
def test_who_guesses_at_records_they_cannot_see_is_soon_told_nothing(app, crm, field, value, refused):
    service.create(HOUSE, "people", {"name": "Hidden", "card": "C-1"} if field == "card" else {"name": "Hidden"})
    users.create(f"guesser {field}", roles=("rep",), password="correct-horse-battery", full_name="Gus Guesser")
    key = {"Authorization": f"Bearer {users.token(f'guesser {field}', 'test')}"}
    lan = {"Authorization": f"Bearer {users.token('lan', 'test')}"}
    client = app.test_client()

    def tell(value, headers):
        return client.post("/api/v1/records/people", json={"name": f"Try {uuid.uuid4()}", field: value}, headers=headers)

    assert [tell(value, key).status_code for _ in range(guesses.MOST)] == [refused] * guesses.MOST
    taken, free = tell(value, key), tell(f"x{value}", key)
    assert taken.status_code == free.status_code == 429 and taken.json["title"] == free.json["title"]
    assert 1 <= int(taken.headers["Retry-After"]) <= guesses.WINDOW + 1
    assert tell(f"y{value}", lan).status_code == 201, "Nobody else waits."


def test_guesses_are_counted_without_redis(guessing, monkeypatch):
    monkeypatch.setattr(relay, "client", lambda: redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))
    who = builders.a_rep(987_654)
    for _each in range(guesses.MOST):
        guesses.answered(who)
    with pytest.raises(TooMany):
        guesses.refuse_guessing(who)
    guesses.refuse_guessing(builders.a_rep(987_655))


def test_the_api_answers_409_with_the_candidates(app, crm):
    key = {"Authorization": f"Bearer {users.token('boss', 'test')}"}
    client, given = app.test_client(), {"name": "By key", "email": "mai@trangan.example"}
    told = client.post("/api/v1/records/people", json=given, headers=key)
    assert told.status_code == 409 and told.json["code"] == "duplicates"
    assert "Nguyễn Thị Mai Anh" in [one["title"] for one in told.json["candidates"]]
    assert client.post("/api/v1/records/people?allow_duplicates=1", json=given, headers=key).status_code == 201


def test_a_rule_needs_fields_the_search_looks_into(crm):
    wrong = crm.definitions.with_document(a_rule("owner", {"field": "owner"}))
    assert "not among the search fields" in problems(wrong, catalogue())[0].message


def test_words_alike(crm):
    assert likeness.agree("folded", "Công ty Đức", "cong ty duc") and not likeness.agree("exact", "A", "a")
    assert likeness.agree("similar", "Blue Heron Hotels", "Blue Heron Hotel") and not likeness.agree("similar", "Blue", "Red")
