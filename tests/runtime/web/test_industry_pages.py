"""The pages an agency gets from its package: forms, boards in its language, buttons only where they do something."""
import io

import pytest

from runtime import publish
from runtime.locale import reader
from runtime.records import export, query, service, shown
from runtime.records.export_formats.csv import Csv
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests.runtime.web.conftest import signed_in


@pytest.fixture(scope="module")
def boss(app):
    for name in ("sales", "real_estate", "nonprofit"):
        publish.install_seed(HOUSE, f"seeds/{name}")
    published.refresh()
    users.sync_roles()
    return signed_in(app, "boss")


def test_every_module_of_every_package_has_its_form_and_its_lists(boss):
    for module in published.current().definitions.modules:
        assert boss.get(f"/m/{module}/new").status_code == 200, module
        for view in published.current().definitions.views_of(module):
            assert boss.get(f"/m/{module}?view={view.name}").status_code == 200, view.key


def test_an_offer_becomes_a_deal_only_once_it_is_accepted(boss):
    home = service.create(HOUSE, "properties", {"name": "B-1204", "kind": "apartment", "price": 200000})
    offer = service.create(HOUSE, "offers", {"name": "Mai", "property": home.id, "amount": 190000})
    before = boss.get(f"/m/offers/{offer.id}").text

    service.update(HOUSE, "offers", offer.id, {"status": "accepted"}, seen_version=None)

    assert "/convert" not in before
    assert f"/m/offers/{offer.id}/convert" in boss.get(f"/m/offers/{offer.id}").text


def test_land_has_a_page_of_its_own(boss):
    plot = service.create(HOUSE, "properties", {"name": "Long Phước", "kind": "land", "price": 120000, "land_area": 240})

    page = boss.get(f"/m/properties/{plot.id}").text

    assert "Price per m²" in page and "Bedrooms" not in page


def test_a_card_says_several_choices_in_the_readers_language(boss):
    service.create(HOUSE, "volunteers", {"name": "Lê Nhã Uyên", "skills": ["teach", "translate"]})

    boss.post("/me/settings", data={"csrf_token": boss.csrf, "language": "vi"})
    page = boss.get("/m/volunteers?view=board").text
    boss.post("/me/settings", data={"csrf_token": boss.csrf, "language": "en"})
    boss.get("/")

    assert "Dạy học, Phiên dịch" in page


def test_a_text_that_is_computed_is_no_figure_and_defused_in_an_export(boss):
    donor = service.create(HOUSE, "contacts", {"name": "=1+1"})
    service.create(HOUSE, "donations", {"name": "A gift", "contact": donor.id, "amount": 5, "received_on": "2026-01-02"})
    gifts = published.current().module("donations")
    target = io.BytesIO()

    fields = [shown.field(published.current(), HOUSE, gifts, path) for path in ("donor", "amount")]
    export.write(HOUSE, Csv(), target, query.Query("donations", ("donor", "amount")), fields, reader.current())

    assert "'=1+1,5" in target.getvalue().decode("utf-8-sig")
