"""Publishing: a plan in sentences, one transaction, and no value ever lost."""
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from metadata import store
from metadata.definitions import Definitions, read_document
from metadata.model.role import Role
from runtime import publish
from runtime.db.transaction import reading, transaction
from runtime.errors import Conflict, Invalid, NotFound, Refused
from runtime.publish import impact
from runtime.publish.reconcile import drift
from runtime.tables import published
from runtime.values import HOUSE, Actor
from tests.builders import a_field, a_module, publish_all

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _sound_tables():
    """Whatever a test did: the tables look as the published version says, and no half-done change of type is left."""
    publish_all()
    yield
    with reading() as connection:
        assert drift(connection) == []
        assert connection.scalar(sa.text("SELECT count(*) FROM house.metadata_conversion")) == 0


def a_table(name, *rows):
    with transaction() as tx:
        for row in rows:
            tx.execute(sa.insert(published.refresh().table(name)).values(row))


def values(name, column):
    with reading() as connection:
        table = published.refresh().table(name)
        return list(connection.scalars(sa.select(table.c[column]).order_by(table.c.id)))


def unique(name):
    """Ids are never used again, so every test brings its own."""
    unique.count = getattr(unique, "count", 0) + 1
    return f"{name}_{unique.count}"


def test_the_first_publish_makes_the_tables():
    name = unique("deals")
    number = publish_all(a_module(name, a_field("amount", "currency", of=name))).number

    a_table(name, {"name": "Big", "amount": Decimal("1.10"), "amount__currency": "EUR"})

    assert values(name, "amount") == [Decimal("1.10")]
    with reading() as connection:
        assert store.number(connection) == number


def test_publishing_the_same_again_is_no_new_version():
    module = a_module(unique("deals"))
    number = publish_all(module).number

    assert publish_all(replace(module)).number == number


def test_a_plan_touches_nothing_and_publishing_does_what_it_said():
    module = a_module(unique("deals"))
    plan = publish.plan(Definitions({module.path: module}))

    assert plan.sentences == [f"Add module '{module.plural}' with 1 field."]
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT to_regclass(:name)"), {"name": f"records.{module.name}"}) is None


def test_a_field_is_added_renamed_removed_and_brought_back_with_its_values():
    name = unique("deals")
    fax, live = a_field("fax", of=name), a_module(name)
    publish_all(live)
    publish_all(a_module(name, fax))
    a_table(name, {"name": "a", "fax": "123"})

    publish_all(a_module(name, replace(fax, name="telefax")))
    assert values(name, "telefax") == ["123"]

    publish_all(live)
    assert "telefax" not in published.refresh().table(name).c
    a_table(name, {"name": "b"})

    publish_all(a_module(name, replace(fax, name="fax_number")))
    assert values(name, "fax_number") == ["123", None]


def test_two_fields_exchange_their_names():
    name = unique("deals")
    one, other = a_field("one", of=name), a_field("other", "integer", of=name)
    publish_all(a_module(name, one, other))
    a_table(name, {"name": "a", "one": "text", "other": 7})

    publish_all(a_module(name, replace(one, name="other"), replace(other, name="one")))

    assert values(name, "other") == ["text"]
    assert values(name, "one") == [7]


def test_two_modules_exchange_their_names():
    one, other = a_module(unique("ones")), a_module(unique("others"))
    publish_all(one, other)
    a_table(one.name, {"name": "of one"})

    publish_all(replace(one, name=other.name), replace(other, name=one.name))

    assert values(other.name, "name") == ["of one"]


def test_a_module_is_renamed_removed_and_brought_back_with_its_records():
    module = a_module(unique("leads"))
    publish_all(module)
    a_table(module.name, {"name": "Lan"})

    renamed = replace(module, name=unique("prospects"))
    publish_all(renamed)
    assert values(renamed.name, "name") == ["Lan"]

    publish_all()
    with pytest.raises(NotFound):
        published.refresh().table(renamed.name)

    publish_all(module)
    assert values(module.name, "name") == ["Lan"]


def test_links_are_foreign_keys_also_both_ways():
    accounts, deals = unique("accounts"), unique("deals")
    publish_all(a_module(accounts, a_field("best", "lookup", of=accounts, settings={"module": deals})),
                a_module(deals, a_field("account", "lookup", of=deals, settings={"module": accounts})))
    a_table(accounts, {"name": "A"})
    a_table(deals, {"name": "d", "account": 1})

    with pytest.raises(sa.exc.IntegrityError):
        a_table(deals, {"name": "d", "account": 99})
    with transaction() as tx:
        tx.execute(sa.delete(published.current().table(accounts)))
    assert values(deals, "account") == [None]


def test_a_change_of_type_converts_what_fits_and_keeps_what_does_not():
    name = unique("deals")
    size = a_field("size", of=name)
    publish_all(a_module(name, size))
    a_table(name, *({"name": "x", "size": text} for text in ("12", "7.5", "large", None, "1,234.50")))
    number = published.current().number

    changed = a_module(name, replace(size, type="decimal"))
    plan = publish.plan(Definitions({changed.path: changed}))
    assert "3 values convert, 1 do not and will be empty (#3 'large')" in plan.sentences[0]

    publish_all(changed)
    assert values(name, "size") == [Decimal("12"), Decimal("7.5"), None, None, Decimal("1234.50")]

    with transaction() as tx:
        table = published.current().table(name)
        tx.execute(sa.update(table).where(table.c.id == 1).values(size=Decimal("13")))
    publish.rollback(HOUSE, number)
    assert values(name, "size") == ["13", "7.5", "large", None, "1,234.50"]


def test_a_type_changed_there_and_back_and_there_again_keeps_every_value():
    name = unique("deals")
    size = a_field("size", of=name)
    publish_all(a_module(name, size))
    a_table(name, {"name": "x", "size": "007"}, {"name": "y", "size": "none"})

    for type_ in ("integer", "text", "decimal", "text", "integer", "text"):
        publish_all(a_module(name, replace(size, type=type_)))

    assert values(name, "size") == ["007", "none"]


def test_a_longer_text_is_no_rewrite_and_a_shorter_one_keeps_what_is_too_long():
    name = unique("deals")
    code = a_field("code", of=name, settings={"max_length": 20})
    publish_all(a_module(name, code))
    a_table(name, {"name": "x", "code": "short"}, {"name": "y", "code": "quite a long code"})

    publish_all(a_module(name, replace(code, settings={"max_length": 40})))
    assert values(name, "code") == ["short", "quite a long code"]

    publish_all(a_module(name, replace(code, settings={"max_length": 10})))
    publish_all(a_module(name, replace(code, settings={"max_length": 20})))
    assert "short" in values(name, "code")


def test_a_stored_field_becomes_a_formula_and_a_stored_one_again():
    name = unique("deals")
    size = a_field("size", "integer", of=name)
    publish_all(a_module(name, size))
    a_table(name, {"name": "x", "size": 5})

    publish_all(a_module(name, replace(size, type="formula", settings={"expression": "1 + 1", "result": "number"})))
    assert "size" not in published.current().table(name).c
    publish_all(a_module(name, size))

    assert values(name, "size") == [5]


def test_a_removed_field_comes_back_as_another_type_with_its_values():
    name = unique("deals")
    size = a_field("size", of=name)
    publish_all(a_module(name, size))
    a_table(name, {"name": "x", "size": "41"})
    publish_all(a_module(name))

    publish_all(a_module(name, replace(size, type="integer")))

    assert values(name, "size") == [41]


def test_a_module_is_renamed_while_a_field_is_renamed_and_changes_type():
    module = a_module(unique("deals"), a_field("size", of="many_at_once"))
    publish_all(module)
    a_table(module.name, {"name": "x", "size": "41"})
    other = unique("sales")

    publish_all(replace(module, name=other, fields=tuple(
        replace(field, name="area", type="integer") if field.name == "size" else field for field in module.fields)))

    assert values(other, "area") == [41]


def test_rolling_back_restores_the_old_version_and_loses_nothing():
    name = unique("deals")
    first = publish_all(a_module(name, a_field("fax", of=name)))
    a_table(name, {"name": "x", "fax": "1"})
    publish_all(a_module(name, a_field("mail", of=name)))
    with transaction() as tx:
        tx.execute(sa.update(published.current().table(name)).values(mail="m"))

    number = publish.rollback(HOUSE, first.number)

    assert published.refresh().definitions == first.definitions
    assert number == first.number + 2
    assert values(name, "fax") == ["1"]
    publish.rollback(HOUSE, first.number + 1)
    assert values(name, "mail") == ["m"]


def test_a_version_nobody_published_cannot_be_gone_back_to():
    with pytest.raises(NotFound, match="There is no version 9999"):
        publish.rollback(HOUSE, 9999)


def test_what_is_not_sound_is_not_published_and_leaves_no_trace():
    with reading() as connection:
        before = store.number(connection)

    with pytest.raises(Invalid) as refusal:
        publish_all(a_module("deals", a_field("order"), a_field("x", "textt")))

    assert set(refusal.value.errors) == {"modules/deals#fields.order.name"}
    with reading() as connection:
        assert store.number(connection) == before


def test_a_wrong_operand_of_a_view_is_found_before_it_is_published():
    name = unique("deals")
    view = read_document(f"views/{name}.won", {
        "id": f"view_{name}", "name": "won", "module": name, "label": "Won", "columns": ["name"],
        "criteria": {"field": "size", "operator": "above", "operand": "huge"}})

    with pytest.raises(Invalid) as refusal:
        publish_all(a_module(name, a_field("size", "integer", of=name)), view)

    assert list(refusal.value.errors) == [f"views/{name}.won#criteria"]


def test_the_second_of_two_publishers_learns_what_the_first_did():
    name = unique("deals")
    base = publish_all(a_module(name)).number
    publish_all(a_module(name, a_field("one", of=name)))

    with pytest.raises(Conflict) as conflict:
        module = a_module(name, a_field("two", of=name))
        publish.publish(HOUSE, Definitions({module.path: module}), base=base)

    assert conflict.value.difference == [f"Add field 'One' to {a_module(name).label}."]


def test_of_two_publishers_at_once_exactly_one_wins():
    name = unique("deals")
    for round_ in range(8):
        base = publish_all(a_module(name)).number
        outcomes = []

        def attempt(field, base=base, outcomes=outcomes):
            module = a_module(name, a_field(field, of=name))
            try:
                outcomes.append(publish.publish(HOUSE, Definitions({module.path: module}), base=base))
            except Conflict as problem:
                outcomes.append(problem)

        both = [threading.Thread(target=attempt, args=(field,)) for field in ("one", "two")]
        [thread.start() for thread in both], [thread.join() for thread in both]

        assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True], (round_, outcomes)
        assert next(outcome for outcome in outcomes if isinstance(outcome, Conflict)).difference


def test_a_publish_waits_for_a_reader_without_holding_up_others():
    name = unique("deals")
    publish_all(a_module(name))
    release = threading.Event()

    def read_long():
        with transaction() as tx:
            tx.execute(sa.text(f"SELECT * FROM records.{name}"))
            release.wait(3)

    reader = threading.Thread(target=read_long)
    reader.start()
    threading.Timer(0.7, release.set).start()
    publish_all(a_module(name, a_field("late", of=name)))
    reader.join()

    assert "late" in published.refresh().table(name).c


def test_a_new_field_of_the_same_name_inherits_no_grants():
    name = unique("deals")
    role = Role(id=f"role_{name}", name=f"rep_{name}", label="Rep", modules={
        f"mod_{name}": {"read": "all", "fields": {f"fld_{name}_salary": "hidden"}}})
    publish_all(a_module(name, a_field("salary", of=name)), role)
    publish_all(a_module(name), role)

    with pytest.raises(Invalid, match="Ids are never used again"):
        other = a_module(unique("other"), a_field("salary", of=name))
        publish_all(a_module(name), role, other)
    publish_all(a_module(name, replace(a_field("salary", of=name), id=f"fld_{name}_salary_new")), role)
    granted = published.refresh().definitions.roles[role.name].modules[f"mod_{name}"]["fields"]

    assert f"fld_{name}_salary_new" not in granted


def test_only_those_who_may_build_may_publish():
    publish_all(Role(id="role_designer", name="designer", label="Designer", builder=True),
                Role(id="role_clerk", name="clerk", label="Clerk"))
    module = a_module(unique("deals"))

    with pytest.raises(Refused, match="You may not publish"):
        publish.publish(Actor(7, "Clerk", roles=("clerk",)), Definitions({module.path: module}))
    definitions = published.current().definitions.with_document(module)
    assert publish.publish(Actor(8, "Designer", roles=("designer",)), definitions)


def test_the_history_says_who_when_and_what():
    name = unique("deals")
    module = a_module(name)
    publish.publish(replace(HOUSE, user_id=3), published.refresh().definitions.with_document(module), note="For spring")

    with reading() as connection:
        newest = store.history(connection)[0]

    assert (newest.actor_id, newest.note, newest.changes) == (3, "For spring", (f"Add module '{module.plural}' with 1 field.",))


def test_unchanged_modules_are_the_same_objects_and_tables_in_the_next_version():
    one, other = a_module(unique("ones")), a_module(unique("others"))
    first = publish_all(one, other)
    table, module = first.table(one.name), first.module(one.name)

    second = publish_all(one, replace(other, label="Changed"))

    assert second.number == first.number + 1
    assert second.table(one.name) is table and second.module(one.name) is module
    assert first.module(other.name).label != "Changed", "a request keeps the version it began with"


def test_labels_are_translated():
    name = unique("deals")
    now = publish_all(a_module(name), read_document("translations/vi", {
        "id": f"trl_{name}", "name": "vi", "labels": {f"modules.{name}.label": "Giao dịch"}}))

    assert now.label(f"modules.{name}.label", "vi", "Deal") == "Giao dịch"
    assert now.label(f"modules.{name}.plural", "vi", "Deals") == "Deals"
    assert now.label(f"modules.{name}.label", "de", "Deal") == "Deal"


def test_a_link_that_points_elsewhere_leaves_its_values_behind_and_finds_them_again():
    one, other, deals = unique("ones"), unique("others"), unique("deals")
    link = a_field("link", "lookup", of=deals, settings={"module": one})
    first = publish_all(a_module(one), a_module(other), a_module(deals, link))
    a_table(one, {"name": "A"})
    a_table(deals, {"name": "d", "link": 1})

    turned = [a_module(one), a_module(other), a_module(deals, replace(link, settings={"module": other}))]
    assert "0 values convert, 1 do not and will be empty." in publish.plan(Definitions.of_documents(turned)).sentences[0]
    publish_all(*turned)
    assert values(deals, "link") == [None]
    a_table(other, {"name": "B"})
    with transaction() as tx:
        tx.execute(sa.update(published.current().table(deals)).values(link=1))

    publish.rollback(HOUSE, first.number)
    assert values(deals, "link") == [1]


def test_a_link_to_a_module_that_is_renamed_keeps_its_values():
    one, deals, companies = unique("ones"), unique("deals"), unique("companies")
    link = a_field("link", "lookup", of=deals, settings={"module": one})
    publish_all(a_module(one), a_module(deals, link))
    a_table(one, {"name": "A"})
    a_table(deals, {"name": "d", "link": 1})

    plan = publish.plan(Definitions.of_documents([replace(a_module(one), name=companies), a_module(deals, link)]))
    assert plan.sentences == [f"Rename module '{one}' to '{companies}'. Its records stay; addresses, the API and files that use "
                              "the old name must follow.",
                              "What uses a renamed name follows: 1 field."]
    publish_all(replace(a_module(one), name=companies), a_module(deals, link))

    assert values(deals, "link") == [1]


def test_a_text_cannot_become_a_link():
    one, deals = unique("ones"), unique("deals")
    link = a_field("link", of=deals)
    publish_all(a_module(one), a_module(deals, link))
    a_table(deals, {"name": "d", "link": "1"})

    publish_all(a_module(one), a_module(deals, replace(link, type="lookup", settings={"module": one})))
    assert values(deals, "link") == [None]
    publish_all(a_module(one), a_module(deals, link))
    assert values(deals, "link") == ["1"]


def test_a_bundle_that_renames_in_one_file_may_be_published_twice():
    name = unique("deals")
    size = a_field("size", of=name)
    view = read_document(f"views/{name}.all", {
        "id": f"view_{name}", "name": "all", "module": name, "label": "All", "columns": ["size"]})
    publish_all(a_module(name, size), view)
    renamed = Definitions.of_documents([a_module(name, replace(size, name="area")), view])

    assert publish.plan(renamed).sentences == [
        f"Rename field 'size' of {a_module(name).label} to 'area'. Its values stay; views, rules and formulas follow.",
        "What uses a renamed name follows: 1 view."]
    number = publish.publish(HOUSE, renamed)

    assert publish.publish(HOUSE, renamed) == number
    assert published.current().definitions.documents[f"views/{name}.all"].columns == ("area",)


def test_a_number_that_becomes_an_amount_is_one_in_the_home_currency():
    name = unique("deals")
    size = a_field("size", "decimal", of=name)
    publish_all(a_module(name, size))
    a_table(name, {"name": "x", "size": Decimal("1.10")}, {"name": "y"})

    publish_all(a_module(name, replace(size, type="currency")))

    assert values(name, "size") == values(name, "size__home") == [Decimal("1.10"), None]
    assert values(name, "size__currency")[0] is not None and values(name, "size__currency")[1] is None


def a_list(name, *values, type="picklist", **settings):
    return a_field("state", type, of=name, settings={"choices": [{"value": each, "label": each.title()} for each in values],
                                                     **settings})


def test_replacing_a_choice_changes_the_records_that_hold_it_and_rolling_back_gives_them_back_what_they_held():
    name = unique("deals")
    publish_all(a_module(name, a_list(name, "new", "hot", "cold")))
    a_table(name, *({"name": "x", "state": each} for each in ("new", "hot", "cold", None, "hot", "strange")))
    number = published.current().number

    changed = a_module(name, a_list(name, "new", "cold", replaced={"hot": "new"}))
    plan = publish.plan(Definitions({changed.path: changed}))
    assert "2 records get 'new' instead of 'hot'." in plan.sentences[0]

    publish_all(changed)
    assert values(name, "state") == ["new", "new", "cold", None, "new", "strange"]

    with transaction() as tx:
        table = published.current().table(name)
        tx.execute(sa.update(table).where(table.c.id == 5).values(state="cold"))
    publish.rollback(HOUSE, number)
    assert values(name, "state") == ["new", "hot", "cold", None, "cold", "strange"]


def test_a_choice_replaced_after_another_and_both_rolled_back_leave_every_record_as_it_was():
    name = unique("deals")
    publish_all(a_module(name, a_list(name, "new", "hot", "cold")))
    a_table(name, *({"name": "x", "state": each} for each in ("new", "hot", "cold")))
    number = published.current().number

    publish_all(a_module(name, a_list(name, "new", "cold", replaced={"hot": "cold"})))
    publish_all(a_module(name, a_list(name, "new", replaced={"hot": "new", "cold": "new"})))
    assert values(name, "state") == ["new", "new", "new"]

    publish.rollback(HOUSE, number)
    assert values(name, "state") == ["new", "hot", "cold"]


def test_replacing_a_choice_where_a_record_holds_several_says_each_once_in_the_order_of_the_list():
    name = unique("deals")
    publish_all(a_module(name, a_list(name, "red", "green", "blue", type="multi_picklist")))
    a_table(name, *({"name": "x", "state": each} for each in (["red", "blue"], ["blue"], ["green"], None)))
    number = published.current().number

    publish_all(a_module(name, a_list(name, "red", "green", type="multi_picklist", replaced={"blue": "red"})))
    assert values(name, "state") == [["red"], ["red"], ["green"], None]

    publish.rollback(HOUSE, number)
    assert values(name, "state") == [["red", "blue"], ["blue"], ["green"], None]


def test_the_plan_names_the_choices_that_go_while_records_hold_them():
    name = unique("deals")
    publish_all(a_module(name, a_list(name, "new", "hot", "cold")))
    a_table(name, *({"name": "x", "state": each} for each in ("new", "hot", "hot")))

    changed = a_module(name, a_list(name, "new"))
    found = impact.of(publish.plan(Definitions({changed.path: changed})))

    (hazard,) = found.hazards
    assert "Hot (2)" in hazard.title and "Cold" not in hazard.title
    replaced = a_module(name, a_list(name, "new", replaced={"hot": "new"}))
    assert impact.of(publish.plan(Definitions({replaced.path: replaced}))).hazards == ()
