"""A bundle over what is live: upgrades keep what was customised, the same again changes nothing, uninstalling takes out just it."""
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from metadata import overlay
from metadata.definitions import Definitions
from metadata.documents import canonical
from metadata.merge import merge
from metadata.model.extension import Extension
from metadata.model.translation import Translation
from tests.builders import a_field, a_module, a_role, a_view
from tests.metadata.test_merge import base as bundle
from tests.metadata.test_merge import leaves, random_edits, touches

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
            assert came.get(place, "lost") == value
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
