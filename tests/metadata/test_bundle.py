"""Bundles: a folder of JSON files in and out, whatever the folder holds."""
import json

import pytest

from metadata import bundle
from metadata.errors import NotSound


def test_what_is_written_is_read_back_and_written_alike(a_bundle, deals, tmp_path):
    folder = a_bundle({"modules/deals": deals, "views/deals.all": {
        "id": "view_deals_all", "name": "all", "module": "deals", "label": "All", "columns": ["name"]}})

    bundle.tidy(folder)
    bundle.write(bundle.read(folder), tmp_path / "copy")

    assert bundle.read(tmp_path / "copy") == bundle.read(folder)
    for file in folder.rglob("*.json"):
        assert (tmp_path / "copy" / file.relative_to(folder)).read_bytes() == file.read_bytes()


def test_writing_twice_changes_nothing(a_bundle, deals):
    folder = a_bundle({"modules/deals": deals})

    assert bundle.tidy(folder) == ["modules/deals.json"]
    assert bundle.tidy(folder) == []


def test_order_of_inner_properties_is_no_difference(a_bundle, deals):
    turned = deals | {"fields": [dict(reversed(field.items())) for field in deals["fields"]]}

    one, other = a_bundle({"modules/deals": deals}, name="one"), a_bundle({"modules/deals": turned}, name="other")

    bundle.tidy(one), bundle.tidy(other)
    assert (one / "modules/deals.json").read_bytes() == (other / "modules/deals.json").read_bytes()


def test_a_document_that_went_loses_its_file_and_others_stay(a_bundle, deals):
    folder = a_bundle({"modules/deals": deals, "views/deals.all": {
        "id": "view_deals_all", "name": "all", "module": "deals", "label": "All"}})
    (folder / "records").mkdir()
    (folder / "records" / "deals.csv").write_text("name\nBig one\n")

    bundle.write(bundle.read(folder).without("views/deals.all"), folder)

    assert not (folder / "views" / "deals.all.json").exists()
    assert (folder / "records" / "deals.csv").exists()


@pytest.mark.parametrize(("text", "said"), [
    ("{", "It is not JSON"),
    ("[]", "one JSON object"),
    ('{"a": 1, "a": 2}', "'a' stands twice"),
    ('{"a": NaN}', "NaN"),
    ('{"a": -Infinity}', "Infinity"),
    ('{"$ref": "http://example.com/x.json"}', "References to other documents are not followed"),
    ('{"fields": [{"settings": {"$ref": "file:///etc/passwd"}}]}', "$ref"),
    ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
    ('{"a":' * 10_000 + "1" + "}" * 10_000, "nested too deeply"),
    ('{"a":' * 40 + "1" + "}" * 40, "at most 32 levels"),
    ('{"a": "\\u0000"}', "NUL"),
    ('{"a": "\\ud800"}', "lone surrogate"),
    ('{"a": ' + "9" * 6_000 + "}", "too long"),
    ('{"a": "' + "x" * (2 * 1024 * 1024) + '"}', "at most 2,097,152"),
])
def test_text_that_cannot_be_taken_is_refused_with_the_file_and_the_reason(a_bundle, text, said):
    folder = a_bundle({"modules/deals": text})

    with pytest.raises(NotSound) as refusal:
        bundle.read(folder)

    assert "modules/deals" in str(refusal.value)
    assert said in str(refusal.value)


def test_every_problem_of_every_file_is_told_at_once(a_bundle, deals):
    folder = a_bundle({"modules/deals": deals | {"colour": "red"}, "modules/broken": "{",
                       "views/deals.all": {"id": "view_x", "name": "all", "module": "deals"}})

    with pytest.raises(NotSound) as refusal:
        bundle.read(folder)

    told = {str(problem) for problem in refusal.value.problems}
    assert any(line.startswith("modules/deals: 'colour' is not known here") for line in told)
    assert any(line.startswith("modules/broken.json: It is not JSON") for line in told)
    assert "views/deals.all: 'label' is missing." in told


def test_a_file_lies_where_its_name_says(a_bundle, deals):
    with pytest.raises(NotSound, match=r"It describes 'deals'. Name the file 'deals.json'"):
        bundle.read(a_bundle({"modules/opportunities": deals}))


def test_a_folder_nobody_knows_is_named_with_the_known_ones(a_bundle, deals):
    with pytest.raises(NotSound, match=r"There is no noun 'workflwos'. Known folders: buttons, .*layouts"):
        bundle.read(a_bundle({"workflwos/x": deals}))


def test_a_link_out_of_the_bundle_is_not_followed(a_bundle, deals, tmp_path):
    folder = a_bundle({"modules/deals": deals})
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(deals))
    (folder / "modules" / "deals.json").unlink()
    (folder / "modules" / "deals.json").symlink_to(secret)

    with pytest.raises(NotSound, match="not a plain file"):
        bundle.read(folder)


def test_the_manifest_says_what_the_bundle_is(a_bundle, deals):
    folder = a_bundle({"modules/deals": deals}, {"id": "seed_x", "name": "x", "label": "X", "extends": ["sales"]})

    assert bundle.manifest(folder).extends == ("sales",)
    assert bundle.manifest(a_bundle({"modules/deals": deals}, name="without")) is None
