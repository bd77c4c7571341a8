"""Definitions: a bundle laid over what is live keeps what is others' and drops what is its own no longer."""
from dataclasses import replace

import pytest

from metadata import bundle
from metadata.definitions import Definitions, read_document
from metadata.errors import NotSound
from tests.builders import a_field, a_module


def definitions(*documents):
    return Definitions.of_documents(documents)


def an_extension(**content):
    return read_document("modules/deals", {"id": "mod_deals", "name": "deals", "extends": True, **content})


def test_an_extension_adds_its_fields_and_again_changes_nothing():
    live = definitions(a_module("deals", a_field("amount", "currency")))
    bundle = definitions(an_extension(fields=[{"id": "fld_area", "name": "area", "label": "Area", "type": "decimal"}]))

    once = bundle.onto(live)

    assert [field.name for field in once.module("deals").fields] == ["name", "amount", "area"]
    assert bundle.onto(once, bundle) == once


def test_a_field_the_extension_gave_up_goes():
    first = definitions(an_extension(fields=[{"id": "fld_area", "name": "area", "label": "Area", "type": "decimal"}]))
    live = first.onto(definitions(a_module("deals", a_field("amount", "currency"))))

    assert [field.name for field in definitions(an_extension()).onto(live, first).module("deals").fields] == ["name", "amount"]
    assert [field.name for field in Definitions().onto(live, first).module("deals").fields] == ["name", "amount"]


def test_an_extension_of_a_module_nobody_has_is_refused():
    with pytest.raises(NotSound, match="extends the module 'deals', which does not exist"):
        definitions(an_extension()).onto(Definitions())


def test_the_base_bundle_published_again_keeps_the_fields_others_added():
    sales = definitions(a_module("deals", a_field("amount", "currency")))
    live = definitions(an_extension(fields=[{"id": "fld_area", "name": "area", "label": "Area", "type": "decimal"}],
                                    search_fields=["area"])).onto(sales)
    newer = definitions(a_module("deals", a_field("stage")))

    module = newer.onto(live, sales).module("deals")

    assert [field.name for field in module.fields] == ["name", "stage", "area"]
    assert module.search_fields == ("name", "area")


def test_what_a_bundle_no_longer_holds_goes_and_what_others_made_stays():
    sales = definitions(a_module("deals"), a_module("leads"))
    live = sales.with_document(a_module("own"))

    assert set(definitions(a_module("deals")).onto(live, sales).modules) == {"deals", "own"}
    assert set(definitions(a_module("deals")).onto(live).modules) == {"deals", "leads", "own"}


def test_a_renamed_module_is_not_there_twice():
    sales = definitions(a_module("leads"))

    assert set(definitions(replace(a_module("leads"), name="prospects")).onto(sales).modules) == {"prospects"}


def test_the_seed_of_the_repository_is_in_canonical_form():
    folder = "seeds/sales"

    for path, document in bundle.read(folder).documents.items():
        with open(f"{folder}/{path}.json", "rb") as file:
            assert file.read() == bundle.canonical(document.to_json()), path
