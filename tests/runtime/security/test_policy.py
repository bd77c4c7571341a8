"""Who may do what: verbs, rows and fields, as published roles grant them."""
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata.model.field import Field
from metadata.model.role import Role
from runtime.errors import Invalid, NotFound, Refused
from runtime.security import policy
from runtime.tables import preview, published
from runtime.values import HOUSE, Actor
from tests.builders import a_field, a_module, publish_all

LAN, MINH = 7, 8
ALL = {"read": "all", "create": True, "edit": "all", "delete": "all", "import": True, "export": True, "give": True}


def a_role(name: str, /, builder: bool = False, **modules) -> Role:
    return Role(id=f"role_{name}", name=name, label=name, builder=builder,
                modules={("*" if module == "others" else f"mod_{module}"): grants for module, grants in modules.items()})


def lan(*roles: str) -> Actor:
    return Actor(user_id=LAN, name="Lan", roles=roles)


@pytest.fixture(scope="module", autouse=True)
def roles(database):
    publish_all(
        a_module("accounts", a_field("industry", of="accounts"), a_field("secret", of="accounts"),
                 a_field("won", "rollup", of="accounts", settings={"module": "deals", "field": "account", "measure": "sum",
                                                                   "of": "amount"}),
                 a_field("deals_count", "rollup", of="accounts", settings={"module": "deals", "field": "account",
                                                                           "measure": "count"}),
                 a_field("large", "rollup", of="accounts", settings={"module": "deals", "field": "account", "measure": "count",
                                                                     "criteria": {"not": {"expression": "amount > 1000"}}})),
        a_module("deals", a_field("amount", "currency", of="deals"), a_field("code", "auto_number", of="deals"),
                 a_field("account", "lookup", of="deals", settings={"module": "accounts"}),
                 a_field("billing", "address", of="deals"),
                 a_field("locked", of="deals", read_only=True),
                 a_field("half", "formula", of="deals", settings={"expression": "amount / 2", "result": "number"}),
                 a_field("quarter", "formula", of="deals", settings={"expression": "half / 2", "result": "number"}),
                 a_field("told", "formula", of="deals", publish_result=True,
                         settings={"expression": "amount > 1000", "result": "boolean"}),
                 a_field("whisper", "formula", of="deals", settings={"expression": "account.secret", "result": "text"})),
        a_role("seller", deals={"read": "own", "create": True, "edit": "own", "fields": {"fld_deals_amount": "hidden"}},
               accounts={"read": "all", "fields": {"fld_accounts_secret": "hidden"}}),
        a_role("reader", deals={"read": "all", "fields": {"fld_deals_name": "read"}}, accounts={"read": "all"}),
        a_role("manager", others=ALL),
        a_role("robot", deals={"create": True, "fields": {"fld_deals_amount": "read"}}),
        a_role("reckless", deals={"read": "own", "edit": "all", "delete": "all", "export": True, "import": True}),
        a_role("nothing"),
        a_role("designer", builder=True))


def deals():
    return published.current().module("deals")


def accounts():
    return published.current().module("accounts")


def rows(actor, verb="read"):
    condition = policy.visible(actor, deals(), sa.table("deals", sa.column("owner")), verb)
    return None if condition is None else str(condition.compile(compile_kwargs={"literal_binds": True}))


@pytest.mark.parametrize("actor", [None, lan(), lan("nothing"), lan("not_published"), lan("designer"),
                                   Actor(user_id=None, name="?", roles=("not_published",))])
def test_nobody_in_particular_may_do_nothing_and_see_nothing(actor):
    for verb in policy.VERBS:
        assert not policy.may(actor, verb, deals())
        assert not policy.may(actor, verb, deals(), owner=LAN)
        assert rows(actor, verb) == "false"
    assert policy.readable(actor, deals()) == policy.editable(actor, deals()) == frozenset()
    with pytest.raises(NotFound, match="There is no module 'deals'"):
        policy.require(actor, "read", deals())


def test_the_house_and_administrators_may_do_everything():
    for verb in policy.VERBS:
        assert policy.may(HOUSE, verb, deals(), owner=None)
        assert rows(HOUSE, verb) is None
    assert policy.readable(HOUSE, deals()) == {field.name for field in deals().all_fields}
    assert {"code", "half", "locked", "id", "created_at"}.isdisjoint(policy.editable(HOUSE, deals()))


def test_own_means_owned_by_this_person():
    seller = lan("seller")
    assert policy.may(seller, "edit", deals()) and policy.may(seller, "edit", deals(), owner=LAN)
    assert not policy.may(seller, "edit", deals(), owner=MINH)
    assert not policy.may(seller, "edit", deals(), owner=None)
    assert rows(seller) == f"deals.owner = {LAN}"
    assert rows(seller, "delete") == "false"
    nobody = Actor(user_id=None, name="a seller without a name", roles=("seller",))
    assert rows(nobody) == "false" and not policy.may(nobody, "edit", deals(), owner=None)


def test_a_verb_never_reaches_further_than_reading():
    assert rows(lan("reckless"), "edit") == rows(lan("reckless"), "delete") == f"deals.owner = {LAN}"
    assert rows(lan("reckless"), "export") == f"deals.owner = {LAN}"
    assert not policy.may(lan("reckless"), "import", deals())          # importing creates, and it may not create


def test_roles_add_up():
    both = lan("seller", "reader")
    assert rows(both) is None
    assert rows(both, "edit") == f"deals.owner = {LAN}"
    assert "amount" in policy.readable(both, deals())
    assert "amount" not in policy.editable(both, deals())              # the reader reads it, nobody lets her write it
    assert "name" in policy.editable(both, deals())


def test_a_star_stands_for_modules_that_are_not_named():
    assert policy.may(lan("manager"), "delete", deals(), owner=MINH)
    assert policy.may(lan("manager"), "give", accounts())
    assert not policy.may(lan("seller"), "create", accounts())


def test_a_hidden_field_takes_what_is_computed_from_it_along():
    assert policy.readable(lan("seller"), deals()) >= {"id", "name", "owner", "created_at", "account", "code"}
    assert policy.readable(lan("seller"), deals()).isdisjoint({"amount", "half", "quarter", "whisper"})
    assert "told" in policy.readable(lan("seller"), deals())           # its designer published the result
    assert {"won", "secret", "large"}.isdisjoint(policy.readable(lan("seller"), accounts()))
    assert "deals_count" in policy.readable(lan("seller"), accounts())
    assert {"won", "secret", "large"} <= policy.readable(lan("reader"), accounts())
    assert {"half", "quarter", "whisper"} <= policy.readable(lan("reader"), deals())


def test_a_draft_publishes_no_result_before_it_is_live():
    more = a_field("leak", "formula", of="deals", publish_result=True, settings={"expression": "amount", "result": "number"})
    module = deals()
    fields = [replace(each, settings={"expression": "amount > 7", "result": "boolean"}) if each.name == "told" else each
              for each in module.fields]
    definitions = published.current().definitions

    with preview.shown(definitions.with_document(replace(module, fields=(*module.fields, more)))):
        assert "told" in policy.readable(lan("seller"), deals()) and "leak" not in policy.readable(lan("seller"), deals())
        assert "leak" in policy.readable(lan("manager"), deals())
    with preview.shown(definitions.with_document(replace(module, fields=tuple(fields)))):
        assert "told" not in policy.readable(lan("seller"), deals())
    for changed in ({"type": "decimal", "settings": {}}, {"settings": {"module": "deals", "field": "account", "measure": "count"}}):
        home = accounts()
        fields = [replace(each, **changed) if each.name == "won" else each for each in home.fields]
        with preview.shown(definitions.with_document(replace(home, fields=tuple(fields)))):
            assert "won" not in policy.readable(lan("seller"), accounts()) and "won" in policy.readable(lan("reader"), accounts())


def test_a_module_that_may_not_be_read_has_no_readable_fields_even_for_who_may_add_to_it():
    assert policy.readable(lan("robot"), deals()) == frozenset()
    assert {"name", "account", "billing"} <= policy.editable(lan("robot"), deals())
    assert "amount" not in policy.editable(lan("robot"), deals())
    policy.require(lan("robot"), "create", deals(), fields=["name"])
    with pytest.raises(Refused, match="do not let you see Deals"):
        policy.require(lan("robot"), "read", deals())


def test_only_who_may_give_records_away_sets_the_owner():
    assert "owner" not in policy.editable(lan("seller"), deals())
    assert "owner" in policy.editable(lan("manager"), deals())
    with pytest.raises(Invalid) as problem:
        policy.require(lan("seller"), "edit", deals(), fields=["name", "owner"])
    assert problem.value.errors == {"owner": ["You cannot set this field."]}


@pytest.mark.parametrize("path", ["id", "version", "created_at", "created_by", "code", "half", "locked", "deleted_at",
                                  "search", "import_id", "amount__home", "", "constructor", "name; DROP TABLE deals"])
def test_what_the_house_sets_and_what_does_not_exist_is_refused_by_name(path):
    with pytest.raises(Invalid) as problem:
        policy.require(lan("manager"), "edit", deals(), fields=["name", path])
    assert list(problem.value.errors) == [path]


@pytest.mark.parametrize("path", ["amount", "amount.currency", "amount.home", "half"])
def test_a_hidden_field_answers_byte_for_byte_like_an_unknown_one(path):
    def answer(asked):
        with pytest.raises(Invalid) as problem:
            policy.require(lan("seller"), "edit", deals(), fields=[asked])
        return str(problem.value.errors).replace(asked, "X"), str(problem.value).replace(asked, "X"), problem.value.code
    assert answer(path) == answer("nonsense")


def test_parts_are_judged_by_their_field():
    policy.require(lan("manager"), "edit", deals(), fields=["amount", "amount.currency", "billing.city"])


def test_people_are_read_by_everybody_who_has_a_role_and_written_by_nobody():
    people = published.current().module("users")
    assert policy.may(lan("seller"), "read", people) and not policy.may(lan("manager"), "edit", people)
    assert not policy.may(lan(), "read", people)
    assert policy.readable(lan("seller"), people) == {"id", "name", "email", "active"} | policy.readable(lan("seller"), people)
    assert policy.editable(lan("manager"), people) == frozenset()


def test_a_designer_builds_and_a_manager_does_not():
    assert policy.may_build(lan("designer")) and policy.may_build(HOUSE)
    assert not policy.may_build(lan("manager")) and not policy.may_build(None)


def test_an_unknown_verb_is_a_programming_error():
    with pytest.raises(ValueError, match="no verb 'peek'"):
        policy.may(lan("manager"), "peek", deals())


def test_answers_are_made_once_per_version_and_set_of_roles():
    first = policy.readable(lan("seller"), deals())
    assert policy.readable(Actor(user_id=MINH, name="Minh", roles=("seller",)), deals()) is first


def test_a_field_that_is_made_again_inherits_no_grant():
    """Grants hold ids; the field of the same name is another one."""
    publish_all(a_module("deals", Field(id="fld_deals_total", name="amount", label="Amount", type="currency")),
                a_role("seller", deals={"read": "all"}))
    assert "amount" in policy.readable(lan("seller"), deals())
    assert all("fld_deals_amount" not in grants.get("fields", ()) for role in published.current().definitions.of(Role)
               for grants in role.modules.values())
