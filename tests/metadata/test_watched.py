"""What is kept with documents is never older than the modules it was made from."""
import random

import pytest

from metadata import bundle, check, mentions
from metadata.definitions import Definitions, read_document
from runtime.kinds.kind import catalogue

SALES = bundle.read("seeds/sales")


def anew(definitions):
    """The same documents, of which nothing is known."""
    return Definitions({path: read_document(path, document.to_json()) for path, document in definitions.documents.items()})


def edited(definitions, rng):
    """One field or document taken away or renamed, so that something elsewhere may break."""
    module = rng.choice(list(definitions.modules.values()))
    act = rng.choice(["field", "field", "rename", "module", "document"])
    if act == "document":
        return definitions.without(rng.choice([path for path in definitions.documents if not path.startswith("modules/")]))
    if act == "module":
        return definitions.without(module.path)
    content = module.to_json()
    at = rng.randrange(len(content["fields"]))
    if act == "field":
        content["fields"].pop(at)
    else:
        content["fields"][at] |= {"name": f"other_{rng.randint(0, 99)}"}
    return definitions.with_document(read_document(module.path, content))


@pytest.mark.parametrize("seed", range(12))
def test_a_check_after_edits_says_what_a_check_of_everything_anew_says(seed):
    rng, now = random.Random(seed), SALES
    assert check.problems(now, catalogue()) == []
    for _ in range(rng.randint(1, 3)):
        now = edited(now, rng)
        assert set(check.problems(now, catalogue())) == set(check.problems(anew(now), catalogue()))
    assert check.problems(SALES, catalogue()) == []


def test_mentions_follow_the_module_a_path_points_to():
    deals = SALES.module("deals")
    lookup = next(field for field in deals.fields if field.type == "lookup" and field.settings["module"] == "accounts")
    said = [(document.path, mentions.home_of(each, SALES, catalogue())) for document in SALES.documents.values()
            for each in mentions.of(document, catalogue()).names.get(lookup.name, ())]

    assert (deals.path, deals) in [(path, home) for path, home in said] or ("layouts/deals.standard", deals) in said
    assert all(home is not None for _path, home in said)
