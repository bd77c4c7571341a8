"""What tests of metadata share: the real field types, and small bundles on disk."""
import json

import pytest

from runtime.kinds.kind import discover


@pytest.fixture(scope="session")
def kinds():
    return discover("runtime.fields")


@pytest.fixture
def a_bundle(tmp_path):
    """a_bundle({"modules/deals": {…} or text}, manifest) -> its folder."""
    def make(documents, manifest=None, name="bundle"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for path, document in documents.items():
            file = folder / f"{path}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
        if manifest:
            (folder / "seed.json").write_text(json.dumps(manifest), "utf-8")
        return folder
    return make


@pytest.fixture
def deals():
    return {"id": "mod_deal", "name": "deals", "label": "Deal", "plural": "Deals", "name_field": "name", "fields": [
        {"id": "fld_deal_name", "name": "name", "label": "Name", "type": "text"},
        {"id": "fld_deal_amount", "name": "amount", "label": "Amount", "type": "currency"}]}
