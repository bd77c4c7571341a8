"""Three-way merge: what one side did alone is there afterwards, whatever the other did; what both did is asked about."""
import random
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metadata.definitions import Definitions
from metadata.merge import MISSING, edits, merge
from tests.builders import a_field, a_layout, a_module, a_view


def base():
    deals = a_module("deals", a_field("amount", "currency", of="deals"), a_field("fax", of="deals"),
                     a_field("stage", "picklist", of="deals", settings={"choices": [
                         {"value": value, "label": value, "color": "grey"} for value in ("New", "Won", "Lost")]}))
    return Definitions.of_documents([
        deals, a_module("accounts"), a_view("deals", ("name", "stage", "amount"), "open", sort=({"field": "amount"},)),
        a_layout("deals", sections=({"name": "main", "label": "Main", "fields": ["name", "stage"]},
                                    {"name": "more", "label": "More", "fields": ["amount", "fax"]}))])


def with_deals(definitions, **changes):
    return definitions.with_document(replace(definitions.modules["deals"], **changes))


def field(definitions, name):
    return definitions.modules["deals"].by_name[name]


def with_field(definitions, name, **changes):
    module = definitions.modules["deals"]
    return definitions.with_document(module.with_fields(tuple(
        replace(each, **changes) if each.name == name else each for each in module.fields)))


def test_each_side_keeps_what_it_did_alone():
    start = base()
    ours = with_deals(with_field(start, "amount", label="Value"), icon="star")
    theirs = with_field(with_field(start, "amount", help="In dong"), "fax", label="Telefax")

    done = merge(start, ours, theirs)

    assert not done.conflicts
    assert (field(done.definitions, "amount").label, field(done.definitions, "amount").help) == ("Value", "In dong")
    assert field(done.definitions, "fax").label == "Telefax" and done.definitions.modules["deals"].icon == "star"


def test_what_both_changed_is_ours_until_somebody_chooses():
    start = base()
    ours, theirs = with_field(start, "fax", label="Ours"), with_field(start, "fax", label="Theirs")

    done = merge(start, ours, theirs)
    assert [(one.path, one.base, one.ours, one.theirs) for one in done.conflicts] == [("modules/deals", "Fax", "Ours", "Theirs")]
    assert field(done.definitions, "fax").label == "Ours"
    chosen = merge(start, ours, theirs, choices={done.conflicts[0].key: "theirs"})
    assert field(chosen.definitions, "fax").label == "Theirs" and chosen.conflicts[0].chosen == "theirs"


def test_a_field_removed_here_and_changed_there_stays_and_is_asked_about():
    start = base()
    module = start.modules["deals"]
    ours = start.with_document(module.with_fields(tuple(each for each in module.fields if each.name != "fax")))
    theirs = with_field(start, "fax", label="Telefax")

    for done in (merge(start, ours, theirs), merge(start, theirs, ours)):
        assert field(done.definitions, "fax").label == "Telefax" and len(done.conflicts) == 1
    untouched = merge(start, ours, start)
    assert untouched.definitions == ours and not untouched.conflicts


def test_additions_on_both_sides_stand_where_they_were_put():
    start = base()
    ours = start.with_document(replace(start.documents["layouts/deals.standard"], sections=(
        {"name": "main", "label": "Main", "fields": ["name", "amount", "stage"]},
        {"name": "more", "label": "More", "fields": ["fax"]})))
    theirs = start.with_document(replace(start.documents["layouts/deals.standard"], sections=(
        {"name": "more", "label": "More", "fields": ["amount", "fax"]},
        {"name": "main", "label": "Main", "fields": ["name", "stage", "owner"]})))

    done = merge(start, ours, theirs)
    sections = done.definitions.documents["layouts/deals.standard"].sections
    assert [(one["name"], one["fields"]) for one in sections] == [("more", ["fax"]), ("main", ["name", "amount", "stage", "owner"])]
    assert not done.conflicts


def test_lists_moved_both_ways_are_asked_about():
    start = base()
    ours = start.with_document(replace(start.documents["views/deals.open"], columns=("stage", "name", "amount")))
    theirs = start.with_document(replace(start.documents["views/deals.open"], columns=("amount", "name", "stage")))

    done = merge(start, ours, theirs)
    assert [one.place for one in done.conflicts] == ["columns~order"]
    assert done.definitions.documents["views/deals.open"].columns == ("stage", "name", "amount")
    chosen = merge(start, ours, theirs, choices={done.conflicts[0].key: "theirs"})
    assert chosen.definitions.documents["views/deals.open"].columns == ("amount", "name", "stage")


def random_edits(definitions, rng, side):
    """Some edits of every sort, named after their side."""
    for number in range(rng.randint(0, 5)):
        module = definitions.modules["deals"]
        act = rng.choice(["label", "help", "choice", "color", "add", "remove", "move", "view", "section", "document", "drop"])
        fields = list(module.fields)
        if act in ("label", "help") and fields:
            at = rng.randrange(len(fields))
            fields[at] = replace(fields[at], **{act: f"{side} {rng.randint(0, 2)}"})
        elif act in ("choice", "color"):
            at = next((place for place, each in enumerate(fields) if each.type == "picklist"), None)
            if at is not None:
                choices = [dict(each) for each in fields[at].settings["choices"]]
                if act == "choice":
                    choices.insert(rng.randint(0, len(choices)), {"value": f"{side}{number}", "label": side, "color": "red"})
                else:
                    rng.choice(choices)["color"] = rng.choice(["red", "blue", side])
                fields[at] = replace(fields[at], settings={"choices": choices})
        elif act == "add":
            fields.insert(rng.randint(0, len(fields)), a_field(f"{side}_{number}_{rng.randint(0, 99)}", of=side))
        elif act == "remove" and len(fields) > 1:
            fields.pop(rng.randrange(len(fields)))
        elif act == "move":
            rng.shuffle(fields)
        if tuple(fields) != module.fields:
            definitions = definitions.with_document(module.with_fields(tuple(fields)))
        view, layout = definitions.documents.get("views/deals.open"), definitions.documents["layouts/deals.standard"]
        if act == "view" and view:
            columns = list(view.columns)
            rng.shuffle(columns)
            definitions = definitions.with_document(replace(view, columns=(*columns, f"{side}_{rng.randint(0, 9)}"), label=side))
        elif act == "section":
            sections = [dict(each) for each in layout.sections]
            rng.choice(sections)["label"] = f"{side} {rng.randint(0, 2)}"
            definitions = definitions.with_document(replace(layout, sections=tuple(sections)))
        elif act == "document":
            definitions = definitions.with_document(a_view("deals", ("name",), f"{side}_{number}"))
        elif act == "drop":
            definitions = definitions.without("views/deals.open")
    return definitions


def leaves(before, after):
    """{(document id, place): value} of all that was done."""
    was = {each.id: each.to_json() for each in before.documents.values()}
    now = {each.id: each.to_json() for each in after.documents.values()}
    return {(id, place): value for id in was.keys() | now.keys()
            for place, value in edits(was.get(id, MISSING), now.get(id, MISSING))}


def came_to(came, id, place):
    """The value that came out; gone with the whole list where that is gone."""
    while (id, place) not in came and "." in place:
        place = place.rpartition(".")[0]
        if came.get((id, place)) is MISSING:
            return MISSING
    return came.get((id, place), "lost")


def touches(one, other):
    """The one lies in the other, or the other in the one."""
    (id, place), (other_id, other_place) = one, other
    if id != other_id:
        return False
    place, other_place = place.removesuffix("~order"), other_place.removesuffix("~order")
    return place == other_place or not place or not other_place or place.startswith(other_place + ".") \
        or other_place.startswith(place + ".")


def test_what_both_took_away_is_gone_without_a_question():
    start = base()
    rest = tuple(field for field in start.modules["deals"].fields if field.name != "fax")
    ours = start.with_document(start.modules["deals"].with_fields(rest))
    theirs = start.with_document(replace(ours.modules["deals"], label="Bargain"))

    done = merge(start, ours, theirs)

    assert done.conflicts == () and done.definitions == theirs


@settings(max_examples=600, deadline=None)
@example(10006545)
@example(10051081)
@given(st.integers(0, 10 ** 9))
def test_no_edit_made_on_one_side_only_is_lost(seed):
    rng = random.Random(seed)
    start = base()
    ours, theirs = random_edits(start, rng, "ours"), random_edits(start, rng, "theirs")

    done = merge(start, ours, theirs)

    mine, yours, came = leaves(start, ours), leaves(start, theirs), leaves(start, done.definitions)
    asked = [(one.id, one.place) for one in done.conflicts]
    for own, other in ((mine, yours), (yours, mine)):
        for place, value in own.items():
            if place[1].endswith("~order") or any(touches(place, each) for each in asked):
                continue
            if place not in other:
                assert came_to(came, *place) == value
    for place, value in came.items():
        if not place[1].endswith("~order"):
            whole = value is MISSING and all(each is MISSING or at[1].endswith("~order")
                                             for at, each in (mine | yours).items() if touches(at, place))
            assert place in mine or place in yours or whole, f"nobody did {place}: {value}"


@pytest.mark.parametrize("seed", range(40))
def test_merging_with_an_unchanged_side_gives_the_other_to_the_byte(seed):
    rng = random.Random(seed)
    start = base()
    ours = random_edits(start, rng, "ours")

    assert merge(start, ours, start).definitions == ours == merge(start, start, ours).definitions
    assert merge(start, ours, ours) == merge(start, ours, start)
