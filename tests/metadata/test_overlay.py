"""A bundle over what is live: upgrades keep what was customised, the same again changes nothing, uninstalling takes out just it."""
import random
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from metadata import overlay
from metadata.definitions import Definitions
from metadata.documents import canonical
from metadata.merge import merge
from metadata.model.extension import Extension
from metadata.model.layout_extension import LayoutExtension
from metadata.model.translation import Translation
from tests.builders import a_field, a_layout, a_module, a_role, a_view
from tests.metadata.test_merge import base as bundle
from tests.metadata.test_merge import came_to, leaves, random_edits, touches

SEEDS = st.integers(0, 10 ** 9)
HOME = Definitions.of_documents([a_module("homes"), a_view("homes", ("name",)), a_role("rep"),
                                 Translation(id="tra_vi", name="vi", labels={"modules.homes.label": "Nhà"})])


def installed(live, package, before=overlay.NONE):
    base, theirs = overlay.sides(live, before, package)
    return merge(base, live, theirs)


def to_bytes(definitions):
    return {path: canonical(each.to_json()) for path, each in definitions.documents.items()}


@settings(max_examples=300, deadline=None)
@given(SEEDS)
@example(5643657)       # between them the two take away every field
def test_an_upgrade_keeps_every_customised_property(seed):
    rng = random.Random(seed)
    first = bundle()
    laid = installed(HOME, first).definitions
    ours, second = random_edits(laid, rng, "ours"), random_edits(first, rng, "theirs")

    done = installed(ours, second, first)

    asked = [(one.id, one.place) for one in done.conflicts]
    came, theirs = leaves(laid, done.definitions), leaves(first, second)
    for place, value in leaves(laid, ours).items():
        if not place[1].endswith("~order") and place not in theirs and not any(touches(place, each) for each in asked):
            assert came_to(came, *place) == value
    for conflict in done.conflicts:
        assert conflict.chosen == "ours" or "nothing" in repr(conflict.ours)
    assert all(done.definitions.documents[path] == each for path, each in HOME.documents.items())


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_the_same_version_again_changes_nothing(seed):
    first = bundle()
    ours = random_edits(installed(HOME, first).definitions, random.Random(seed), "ours")

    again = installed(ours, first, first)

    assert again.definitions == ours and not again.conflicts


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_what_is_taken_out_untouched_leaves_the_bytes_there_were(seed):
    rng = random.Random(seed)
    live = random_edits(installed(HOME, bundle()).definitions, rng, "ours")
    adds = [a_field(f"extra_{number}", of="estate") for number in range(rng.randint(1, 3))]
    deals = live.modules["deals"]
    package = Definitions.of_documents([
        a_module("keys"), a_view("keys", ("name",)),
        Extension(id=deals.id, name="deals", extends=True, fields=tuple(adds), search_fields=(adds[0].name,)),
        Translation(id="tra_keys_vi", name="vi", labels={"modules.keys.label": "Chìa khoá"})])

    laid = installed(live, package).definitions
    left, kept = overlay.lifted(laid, package)

    assert "keys" in laid.modules and adds[0].name in laid.modules["deals"].by_name
    assert to_bytes(left) == to_bytes(live) and kept == ()


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_what_was_changed_here_stays_when_its_bundle_goes(seed):
    first = bundle()
    laid = installed(HOME, first).definitions
    ours = random_edits(laid, random.Random(seed), "ours")

    left, kept = overlay.lifted(ours, first)

    before = {each.id: each for each in laid.documents.values()}
    changed = {path for path, each in ours.documents.items() if before.get(each.id) != each}
    assert changed <= left.documents.keys() and all(left.documents[path] == ours.documents[path] for path in changed)
    assert {path for path in left.documents if path not in HOME.documents and path in first.documents} == set(kept)


LAYOUT = a_layout("homes", sections=(
    {"name": "main", "label": "Home", "fields": ["name"]}, {"name": "record", "label": "Record", "fields": ["created_at"]}))


def a_layout_extension(*names, after="main"):
    return Definitions.of_documents([a_module("keys"), LayoutExtension(
        id=LAYOUT.id, name=LAYOUT.name, module="homes", extends=True, after=after,
        sections=tuple({"name": name, "label": name, "fields": []} for name in names),
        related=({"module": "keys", "field": "home", "columns": ["name"]},))])


def sections(definitions):
    return [each["name"] for each in definitions.documents[LAYOUT.path].sections]


def test_sections_added_to_anothers_layout_stand_where_they_say_and_stay_where_they_are_moved():
    live, first = HOME.with_document(LAYOUT), a_layout_extension("door", "gate")

    laid = installed(live, first).definitions
    moved = laid.with_document(replace(laid.documents[LAYOUT.path], sections=laid.documents[LAYOUT.path].sections[::-1]))
    done = installed(moved, a_layout_extension("door", "fence", "gate"), first)

    assert sections(laid) == ["main", "door", "gate", "record"]
    assert sections(done.definitions) == ["record", "gate", "door", "fence", "main"] and not done.conflicts
    assert len(laid.documents[LAYOUT.path].related) == 1
    assert installed(moved, first, first).definitions == moved


def test_sections_leave_with_their_bundle_unless_they_were_changed_here():
    live, bundle = HOME.with_document(LAYOUT), a_layout_extension("door", "gate")
    laid = installed(live, bundle).definitions
    sections_now = laid.documents[LAYOUT.path].sections
    ours = laid.with_document(replace(laid.documents[LAYOUT.path], sections=tuple(
        {**each, "label": "Our gate"} if each["name"] == "gate" else each for each in sections_now)))

    assert to_bytes(overlay.lifted(laid, bundle)[0]) == to_bytes(live)
    assert sections(overlay.lifted(ours, bundle)[0]) == ["main", "gate", "record"]


def test_a_layout_laid_down_again_keeps_the_sections_another_bundle_added():
    own = HOME.with_document(LAYOUT)
    laid = a_layout_extension("door").onto(own)

    assert own.onto(laid, own) == laid
    assert a_layout_extension("door").onto(laid, a_layout_extension("door")) == laid
    assert sections(a_layout_extension().onto(laid, a_layout_extension("door"))) == ["main", "record"]
