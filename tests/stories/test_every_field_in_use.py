"""A module with a field of every type: published, filled in, read, changed, filtered and fetched, all through the doors."""

import io
import re

import pytest
from PIL import Image

from runtime.app import create_app
from runtime.kinds import kind
from runtime.security import store, users
from runtime.web.limits import limiter
from tests import builders
from tests.field_samples import KINDS, SETTINGS

KEY = "k" * 40
OWN_SETTINGS = SETTINGS | {
    "formula": {"expression": "thing_integer * 2"},
    "since": {"field": "thing_text"},
    "rollup": {"module": "parts", "field": "whole", "measure": "count"},
    "auto_number": {"format": "TH-{000}"},
}
TYPED = {
    "text": "Bến Nghé <b>",
    "long_text": "one\r\ntwo",
    "rich_text": "<p>ok<script>alert(1)</script></p>",
    "integer": "1,250",
    "decimal": "12.5",
    "percent": "70%",
    "checkbox": ["false", "true"],
    "date": "2026-11-28",
    "datetime": "2026-11-28T14:30",
    "picklist": "open",
    "multi_picklist": ["", "closed", "open"],
    "email": "Ha@Example.com",
    "phone": "805-247-8982",
    "url": "songhan.example",
    "rating": "4",
    "tags": "a, b",
}


@pytest.fixture(scope="module")
def app(database):
    fields = [
        builders.a_field(f"thing_{type_.name}", type_.name, of="things", settings=OWN_SETTINGS.get(type_.name, {}))
        for type_ in KINDS
    ]
    builders.publish_all(
        builders.a_module("things", *fields),
        builders.a_module("accounts"),
        builders.a_module("parts", builders.a_field("whole", "lookup", of="parts", settings={"module": "things"})),
    )
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("Admin",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY, "RATELIMIT_STORAGE_URI": "memory://"})


def a_client(app, name):
    limiter.reset()
    client = app.test_client()
    token = store.start_session(users.get(name).id, {"csrf_token": "c" * 40}, agent="pytest")
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], token)
    client.csrf = re.search(r'"X-CSRFToken": "([^"]+)"', client.get("/me").text)[1]
    return client


@pytest.fixture
def boss(app):
    return a_client(app, "boss")


def post(client, href, values, method="post", **files):
    data = {f"thing_{name}" if name in TYPED else name: value for name, value in (values | files).items()}
    return getattr(client, method)(href, data=data, headers={"X-CSRFToken": client.csrf}, content_type="multipart/form-data")


def made(client, **more):
    answered = post(client, "/m/things", TYPED | {"name": "First"} | more)
    assert answered.status_code in (302, 303), answered.text[-3000:]
    return answered.headers["Location"]


def test_a_form_offers_every_type_a_person_fills_in(boss):
    form = boss.get("/m/things/new").text

    for type_ in KINDS:
        if type_.writable:
            assert f'name="thing_{type_.name}' in form, type_.name
    assert form.count("<label") > 20 and "multipart/form-data" in form


def test_what_is_typed_is_read_again_and_shown(boss):
    href = made(boss, **{"thing_currency": "48,500", "thing_currency.currency": "USD", "thing_address.city": "Đà Nẵng"})
    page = boss.get(href).text.replace("\u00a0", " ")

    for shown in (
        "Bến Nghé &lt;b&gt;",
        "<p>ok</p>",
        "1,250",
        "12.5",
        "70%",
        "28 Nov 2026",
        "28 Nov 2026, 14:30",
        "data-tone=blue>Open",
        "Ha@example.com",
        "tel:+18052478982",
        "https://songhan.example",
        "4 of 5 stars",
        "$48,500",
        "Đà Nẵng",
        "2,500",
        "TH-",
    ):
        assert shown in page, shown
    assert "<script>alert" not in page


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(boss):
    answered = post(boss, "/m/things", TYPED | {"name": "Wrong", "integer": "many", "date": "soon", "email": "nobody"})

    assert answered.status_code == 422
    for kept in ("many", "soon", "nobody"):
        assert f'value="{kept}"' in answered.text
    assert answered.text.count('class="b-err"') >= 3


def test_an_edit_that_changes_nothing_changes_nothing(boss):
    href = made(boss, **{"thing_currency": "48500.5", "thing_currency.currency": "USD"})
    form = boss.get(f"{href}/edit").text
    sent = {}
    for found in re.finditer(
        r"<input[^>]*>|<textarea[^>]*name=\"([^\"]+)\"[^>]*>\n?([^<]*)</textarea>|<select[^>]*name=\"([^\"]+)\".*?</select>",
        form,
        re.DOTALL,
    ):
        tag = found[0]
        name = (re.search(r'\bname="([^"]+)"', tag) or ["", ""])[1]
        if not name.startswith("thing_") or 'type="file"' in tag or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        value = (
            found[2]
            if tag.startswith("<textarea")
            else (re.search(r'<option value="([^"]*)" selected', tag) or ["", ""])[1]
            if tag.startswith("<select")
            else (re.search(r'\bvalue="([^"]*)"', tag) or ["", ""])[1]
        )
        sent.setdefault(name, []).append(
            value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&#34;", '"')
        )
    version = re.search(r'name="version" value="(\d+)"', form)[1]

    answered = boss.put(
        href, data=sent | {"version": version}, headers={"X-CSRFToken": boss.csrf}, content_type="multipart/form-data"
    )

    assert answered.status_code in (200, 302, 303), answered.text[-2000:]
    assert re.search(r'name="version" value="(\d+)"', boss.get(f"{href}/edit").text)[1] == version


def test_a_file_is_taken_named_fetched_and_dropped(app, boss):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    href = made(
        boss,
        thing_file=(io.BytesIO(b"%PDF-1.7 contract"), "Hợp đồng.pdf"),
        thing_image=(io.BytesIO(picture.getvalue()), "photo.png"),
    )

    page = boss.get(href).text
    assert "Hợp đồng.pdf" in page and 'alt="photo.png"' in page
    file_id = re.search(r'href="/files/([\w-]+)"[^>]*>(?:(?!</a>).)*Hợp', page, re.DOTALL)[1]

    fetched = boss.get(f"/files/{file_id}")
    assert fetched.data == b"%PDF-1.7 contract"
    assert (
        fetched.headers["Content-Disposition"].startswith("attachment;") and "sandbox" in fetched.headers["Content-Security-Policy"]
    )
    assert a_client(app, "lan").get(f"/files/{file_id}").status_code == 200, "who may read the record may fetch it"
    assert boss.get("/files/fA3kPz0qWm5tYv8xB1nC2d").status_code == 404

    stolen = post(boss, "/m/things", {"name": "Thief", "thing_file": file_id})
    assert stolen.status_code == 422 and "There is no such file" in stolen.text

    version = re.search(r'name="version" value="(\d+)"', boss.get(f"{href}/edit").text)[1]
    dropped = post(boss, href, {"version": version, "thing_file": [file_id, ""]}, "put")
    assert dropped.status_code in (200, 302, 303)
    assert "Hợp đồng.pdf" not in boss.get(href).text.split('data-area="feed"')[0]
    assert boss.get(f"/files/{file_id}").status_code == 404


def test_a_picture_field_takes_only_pictures(boss):
    answered = post(boss, "/m/things", {"name": "x", "thing_image": (io.BytesIO(b"%PDF-1.7"), "x.pdf")})

    assert answered.status_code == 422 and "Choose a picture" in answered.text


@pytest.mark.parametrize("type_", [type_ for type_ in KINDS if type_.operators], ids=lambda type_: type_.name)
def test_every_question_can_be_asked_by_the_dialog(boss, type_):
    for operator in type_.operators:
        page = boss.get(f"/m/things/filter?filter_field=thing_{type_.name}&filter_operator={operator.name}")
        assert page.status_code == 200, page.text[-500:]


def test_a_type_in_a_folder_of_ones_own_is_in_the_form_the_filter_the_api_and_the_table(app, boss, tmp_path):
    folder = tmp_path / "field_types"
    folder.mkdir()
    (folder / "plate.py").write_text('''
"""Number plate."""
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.values import Words
from runtime.kinds.field_type import FieldType


class Plate(FieldType):
    name = "plate"
    label = "Number plate"
    examples = ("43A-123.45",)
    operators = questions.ABOUT_TEXT

    def column(self, field):
        return sa.String(12)

    def value(self, field):
        return Words(longest=12, check=str.upper)
''')
    before = kind.catalogue()
    kind.use(kind.discover("runtime", folders=(tmp_path,)))
    try:
        builders.publish_all(builders.a_module("cars", builders.a_field("plate", "plate", of="cars")))

        assert 'name="plate"' in boss.get("/m/cars/new").text
        refused = boss.post("/m/cars", data={"name": "Van", "plate": "x" * 13}, headers={"X-CSRFToken": boss.csrf})
        assert refused.status_code == 422 and "at most 12 characters" in refused.text
        created = boss.post("/m/cars", data={"name": "Van", "plate": "43a-1"}, headers={"X-CSRFToken": boss.csrf})
        assert "43A-1" in boss.get(created.headers["Location"]).text
        key = {"Authorization": f"Bearer {users.token('boss')}"}
        found = boss.get("/api/v1/records/cars?filter=" + '{"field":"plate","operator":"starts_with","operand":"43a"}', headers=key)
        assert [record["plate"] for record in found.json["records"]] == ["43A-1"]
        assert boss.get("/m/cars/filter?filter_field=plate").status_code == 200
    finally:
        kind.use(before)
