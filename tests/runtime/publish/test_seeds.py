"""Bundles from a folder: installed twice nothing changes, and what a bundle gave up goes while others' work stays."""
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata import bundle
from metadata.definitions import Definitions
from metadata.model.seed import Seed
from runtime import publish
from runtime.db.transaction import reading
from runtime.errors import Conflict, Invalid
from runtime.publish.reconcile import drift
from runtime.tables import published
from runtime.values import HOUSE
from tests.builders import a_field, a_module

pytestmark = pytest.mark.usefixtures("database")
SALES = Seed(id="seed_sales", name="sales", label="Sales")


def a_seed(folder, *documents, seed=SALES):
    bundle.write(Definitions.of_documents(documents), folder, seed)
    return folder


def modules():
    return sorted(published.refresh().definitions.modules)


def test_the_story_of_a_bundle(tmp_path):
    sales = a_seed(tmp_path / "sales", a_module("deals", a_field("fax", of="deals")), a_module("leads"))
    number = publish.install_seed(HOUSE, sales)
    assert modules() == ["deals", "leads"]

    assert publish.install_seed(HOUSE, sales) == number, "installing twice changes nothing"

    own = published.current().definitions.with_document(a_module("own"))
    publish.publish(HOUSE, own)
    a_seed(sales, a_module("deals", a_field("mail", of="deals")))
    definitions, seed = publish.of_folder(sales)
    assert publish.plan(definitions).sentences == [
        "Remove module 'Leads'. Its records are kept for 30 days and can be brought back.",
        "Remove field 'Fax' from Deal. Its values are kept for 30 days and can be brought back.",
        "Add field 'Mail' to Deal."]
    publish.publish(HOUSE, definitions, seed=seed)
    assert modules() == ["deals", "own"]

    estate = tmp_path / "estate"
    (estate / "modules").mkdir(parents=True)
    (estate / "modules" / "deals.json").write_text(
        '{"id": "mod_deals", "name": "deals", "extends": true, "fields": '
        '[{"id": "fld_estate_area", "name": "area", "label": "Area", "type": "decimal"}]}')
    a_seed_file = Seed(id="seed_estate", name="estate", label="Estate", extends=("sales",))
    (estate / "seed.json").write_bytes(bundle.canonical(a_seed_file.to_json()))
    publish.install_seed(HOUSE, estate)
    publish.install_seed(HOUSE, sales)
    assert [field.name for field in published.refresh().module("deals").fields] == ["name", "mail", "area"]
    assert publish.problems_of_folder(estate) == []


def test_a_folder_without_a_manifest_only_adds_and_changes(tmp_path):
    before = modules()

    definitions, seed = publish.of_folder(a_seed(tmp_path, a_module("extra"), seed=None))
    publish.publish(HOUSE, definitions, seed=seed)

    assert modules() == sorted([*before, "extra"])


def test_a_bundle_needs_those_it_extends(tmp_path):
    seed = Seed(id="seed_x", name="x", label="X", extends=("nowhere",))

    with pytest.raises(Conflict, match=r"X needs the bundle 'nowhere' first\. Install it: crm seed nowhere\."):
        publish.install_seed(HOUSE, a_seed(tmp_path / "x", seed=seed))
    assert "There is no such folder beside this one: 'nowhere'" in str(publish.problems_of_folder(tmp_path / "x")[0])


def test_a_broken_bundle_is_refused_with_file_and_reason_and_leaves_no_trace(tmp_path):
    before = published.refresh().number
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "bad.json").write_text('{"$ref": "http://example.com"}')

    with pytest.raises(Invalid) as refusal:
        publish.install_seed(HOUSE, tmp_path)

    assert "References to other documents are not followed" in refusal.value.errors["modules/bad.json"][0]
    assert published.refresh().number == before


def test_sample_records_go_in_by_the_way_that_is_given(tmp_path):
    folder = a_seed(tmp_path, seed=None)
    (folder / "records").mkdir()
    taken = []

    publish.install_seed(HOUSE, folder, samples=True, take_samples=lambda actor, records: taken.append(records.name))
    publish.install_seed(HOUSE, folder, samples=False, take_samples=lambda actor, records: taken.append("again"))

    assert taken == ["records"]


def test_drift_is_told_in_sentences():
    live = published.refresh().definitions
    publish.publish(HOUSE, live.with_document(a_module("drifting", a_field("size", "integer", of="drifting"))))
    with reading() as connection:
        connection.execute(sa.text("ALTER TABLE records.drifting DROP COLUMN size, ADD COLUMN odd text"))
        told = drift(connection)
        connection.execute(sa.text("ALTER TABLE records.drifting ADD COLUMN size bigint, DROP COLUMN odd"))

    assert told == ["records.drifting has no column 'size'.", "records.drifting has a column 'odd' that nothing describes."]
    with reading() as connection:
        assert drift(connection) == []


def test_the_label_of_a_module_alone_changes_no_table():
    module = published.refresh().module("drifting")
    publish.publish(HOUSE, published.current().definitions.with_document(replace(module, label="Drift")))

    assert published.current().module("drifting").label == "Drift"
