"""Duplicates: likely ones are shown before saving, saved anyway where the rule only warns, and never named to who may not see."""
import pytest

from metadata.check import problems
from metadata.model.duplicate_rule import DuplicateRule
from runtime.kinds.kind import catalogue
from runtime.records import likeness, service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import signed_in

PEOPLE = builders.a_module("people", builders.a_field("name", of="people", required=True),
                           builders.a_field("email", "email", of="people"), builders.a_field("tax", of="people"),
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
