"""The translation table: every text of the definitions, what is missing first, kept row by row, to a file and back."""
import io

import pytest

from builder import draft as drafts
from runtime.app import create_app
from runtime.security import users
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(), builders.a_view("deals", ("name",), label="=Everything"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    post(client, "/builder/translations", language="vi")
    yield client
    post(client, "/builder/review/drop")


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def draft():
    return drafts.current(users.actor_for(users.get("boss").id, "web"))


def words(language: str = "vi") -> dict[str, str]:
    return dict(draft().definitions.translations[language].labels)


def test_a_language_is_added_and_its_texts_are_listed(boss):
    assert "0 of" in boss.get("/builder/translations").text
    page = boss.get("/builder/translations/vi").text
    assert 'name="text:modules.deals.fields.stage.label"' in page and 'name="text:views.deals.all.label"' in page
    assert 'name="text:modules.deals.fields.stage.choices.Closed Won"' in page
    assert post(boss, "/builder/translations", other="Tiếng Việt").status_code == 422
    assert boss.get("/builder/translations/de").status_code == 404


def test_rows_are_kept_as_one_step_and_taken_back(boss):
    post(boss, "/builder/translations/vi", **{"text:modules.deals.label": " Giao dịch ", "text:modules.ghost.label": "?",
                                               "text:modules.deals.plural": ""})
    assert words() == {"modules.deals.label": "Giao dịch"} and draft().done[-1] == "Translate into Tiếng Việt: 'Giao dịch'."
    assert "1 of" in boss.get("/builder/translations").text
    post(boss, "/builder/translations/vi", **{"text:modules.deals.label": ""})
    assert words() == {}
    post(boss, "/builder/undo", **{"from": "/builder/translations/vi"})
    assert words() == {"modules.deals.label": "Giao dịch"}


def test_what_is_missing_comes_first_and_rows_are_found(boss):
    post(boss, "/builder/translations/vi", **{"text:modules.accounts.label": "Tài khoản"})
    page = boss.get("/builder/translations/vi").text
    assert page.index("text:views.deals.all.label") < page.index("text:modules.accounts.label")
    assert "text:modules.accounts.label" not in boss.get("/builder/translations/vi?only=missing").text
    of_deals = boss.get("/builder/translations/vi?module=deals").text
    assert "text:modules.deals.label" in of_deals and "text:modules.accounts.label" not in of_deals
    found = boss.get("/builder/translations/vi?q=closed+won").text
    assert found.count('name="text:') == 1 and "Closed Won" in found
    assert "No such text" in boss.get("/builder/translations/vi?q=zebra").text


def test_words_of_a_text_that_has_changed_since_are_marked(boss):
    from runtime import publish  # here: only this test publishes a translation
    from runtime.values import HOUSE

    post(boss, "/builder/translations/vi", **{"text:views.deals.all.label": "Tất cả"})
    publish.publish(HOUSE, draft().definitions)
    post(boss, "/builder/review/drop")
    post(boss, "/builder/m/deals/views/all", label="Every deal", kind="table", columns=["", "name"])
    page = boss.get("/builder/translations/vi?only=stale").text
    assert "English has changed" in page and page.count('name="text:') == 1 and "Every deal" in page
    post(boss, "/builder/translations/vi", **{"text:views.deals.all.label": "Mọi giao dịch"})
    assert boss.get("/builder/translations/vi?only=stale").text.count('name="text:') == 0


def test_the_table_goes_to_a_translator_and_comes_back(boss):
    content = boss.get("/builder/translations/vi/table.csv").data.decode("utf-8-sig")
    assert content.startswith("address,English,translation,place") and ",'=Everything," in content
    rows = ["address;English;translation", "modules.deals.plural;Deals;'=Giao dịch", "modules.deals.label;Bargain;Mặc cả",
            "modules.gone.label;Gone;Đã đi", "modules.accounts.label;Account;", "views.deals.all.label;'=Everything;Tất cả"]
    before = words()
    sent = boss.post("/builder/translations/vi/file", data={
        "csrf_token": boss.csrf, "file": (io.BytesIO("\n".join(rows).encode("utf-8-sig")), "vi.csv")})
    assert sent.status_code == 303
    changed = {address: said for address, said in words().items() if before.get(address) != said}
    assert changed["modules.deals.plural"] == "=Giao dịch" and "modules.deals.label" not in changed
    told = boss.get(sent.location).text
    assert "1 row was for another English text" in told and "1 row is about no text there is" in told
    wrong = boss.post("/builder/translations/vi/file", data={"csrf_token": boss.csrf, "file": (io.BytesIO(b"\xff\xfe"), "x.csv")})
    assert wrong.status_code == 422 and "UTF-8" in wrong.text


def test_another_language_fills_what_is_missing_and_a_language_goes(boss):
    post(boss, "/builder/translations/vi", **{"text:modules.deals.label": "Giao dịch"})
    assert post(boss, "/builder/translations", other="de").location == "/builder/translations/de"
    post(boss, "/builder/translations/de", **{"text:modules.deals.plural": "Geschäfte"})
    post(boss, "/builder/translations/de/fill", other="vi")
    assert words("de")["modules.deals.label"] == "Giao dịch" and words("de")["modules.deals.plural"] == "Geschäfte"
    post(boss, "/builder/translations/de/remove")
    assert "de" not in draft().definitions.translations
