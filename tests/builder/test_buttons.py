"""A button with a chain of actions is built in the builder, published and pressed."""
import re
from html import unescape

import pytest
from werkzeug.datastructures import MultiDict

from runtime.app import create_app
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(builders.a_field("note", of="deals")), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    made = signed_in(app, "boss")
    yield made
    made.post("/builder/review/drop", data={"csrf_token": made.csrf})


CHAIN = {"label": "Follow up", "place": "record", "icon": "phone", "actions:rows": ["", "0", "1"],
         "actions.0.action": "update_field", "actions.0.settings.field": "note", "actions.0.settings.value": "called",
         "actions.1.action": "create_record",
         "actions.1.settings.module": "accounts", "actions.1.settings.values:rows": ["", "0"],
         "actions.1.settings.values.0.field": "name", "actions.1.settings.values.0.expression": "name & \" Ltd\"",
         "roles": "", "confirm": "Sure?", "label:vi": "Theo dõi", "show_if:part": ["=group", "0=row"], "show_if::match": "all",
         "show_if:0:field": "amount", "show_if:0:was": "amount", "show_if:0:operator": "above", "show_if:0:operand": "10"}


def post(client, address, data):
    return client.post(address, data=MultiDict([(name, each) for name, value in (data | {"csrf_token": client.csrf}).items()
                                                for each in (value if isinstance(value, list) else [value])]))


def test_a_chain_is_built_published_and_pressed(boss):
    assert post(boss, "/builder/m/deals/buttons", CHAIN).status_code == 303
    listed = boss.get("/builder/m/deals/buttons").text
    assert "Follow up" in listed and "shown when Amount is above" in listed and "for everybody" in listed
    page = boss.get("/builder/m/deals/buttons/follow_up").text
    assert 'value="Theo dõi"' in page and "called" in page

    post(boss, "/builder/review", {"note": "Button"})
    published.refresh()
    deal = service.create(HOUSE, "deals", {"name": "Elm", "amount": 50}).id
    shown = boss.get(f"/m/deals/{deal}").text
    key = re.search(rf'name="_key" value="([^"]+)" formaction="/m/deals/{deal}/button/follow_up"', shown)[1]
    assert post(boss, f"/m/deals/{deal}/button/follow_up", {"_key": key}).status_code == 303
    assert service.read(HOUSE, "deals", deal).values["note"] == "called"
    assert "Elm Ltd" in unescape(boss.get("/m/accounts").text)


def test_what_is_missing_is_said_and_rows_are_added_without_scripts(boss):
    nothing = post(boss, "/builder/m/deals/buttons", CHAIN | {"actions:rows": [""]})
    assert nothing.status_code == 422 and "Add what the button does" in nothing.text
    wrong = post(boss, "/builder/m/deals/buttons", CHAIN | {"actions.1.settings.module": "nowhere"})
    assert wrong.status_code == 422 and "nowhere" in wrong.text
    more = post(boss, "/builder/m/deals/buttons", CHAIN | {"schema:do": "add:actions"})
    assert more.status_code == 200 and more.text.count('name="actions:rows"') == 4


def test_what_a_form_lacks_is_said_beside_it_in_another_language_too(boss):
    post(boss, "/me/settings", {"language": "vi"})
    page = post(boss, "/builder/m/deals/buttons", {"label": "", "place": "record", "actions:rows": ["", "0"],
                                                   "actions.0.action": "update_field"})
    post(boss, "/me/settings", {"language": "en"})

    assert page.status_code == 422 and "Thiếu" not in page.text
    assert re.search(r'name="label"[^>]*aria-invalid', page.text)
    assert ">Cài đặt<" in page.text and ">Settings<" not in page.text


def test_a_button_is_copied_and_removed(boss):
    post(boss, "/builder/m/deals/buttons", CHAIN | {"label": "Another"})
    assert post(boss, "/builder/m/deals/buttons/another/copy", {}).location == "/builder/m/deals/buttons/another_copy"
    post(boss, "/builder/m/deals/buttons/another/remove", {})
    listed = boss.get("/builder/m/deals/buttons").text
    assert "Another (copy)" in listed and 'buttons/another"' not in listed


def test_only_those_who_may_build_come_in(app):
    lan = signed_in(app, "lan")
    assert lan.get("/builder/m/deals/buttons").status_code == 403
    assert post(lan, "/builder/m/deals/buttons", CHAIN).status_code == 403
