"""The theme's page: colours and a logo are drafted, how well they are read is told, and once published everybody wears them."""
import base64
import io
import re

import pytest
from PIL import Image

from metadata.model.theme import Theme
from runtime.app import create_app
from runtime.security import users
from runtime.tables import published
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

PAGE = "/builder/theme/house"


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals"), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    client.post("/builder/review/drop", data={"csrf_token": client.csrf})
    return client


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def a_file(kind="PNG", size=(900, 300)):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return io.BytesIO(out.getvalue())


def test_a_colour_is_drafted_taken_back_published_and_worn(boss):
    assert post(boss, PAGE, **{"light.brand": "#1f4e8c", "radius": "round"}).location == PAGE
    page = boss.get("/builder/theme").text
    assert 'name="light.brand" value="#1f4e8c"' in page and "Kept in the draft." in page
    assert "light-dark(#1f4e8c," in boss.get(f"{PAGE}/look.css").text

    post(boss, "/builder/undo", **{"from": PAGE})
    assert "#1f4e8c" not in boss.get(PAGE).text
    post(boss, "/builder/redo", **{"from": PAGE})
    assert post(boss, "/builder/review", note="Blue").status_code == 303

    theme = published.refresh().definitions.of(Theme)[0]
    assert (theme.active, dict(theme.light), theme.radius) == (True, {"brand": "#1f4e8c"}, "round")
    address = re.search(r'href="(/theme/worn/[^"]+)"', boss.get("/").text).group(1)
    assert "#1f4e8c" in boss.get(address).text


def test_one_colour_makes_a_family_that_is_read_well(boss):
    post(boss, PAGE, do="family", **{"from": "#e11d48"})

    page = boss.get(PAGE).text

    assert "pairs of colours can be read well." in page and "cannot be read well" not in page
    assert "is no colour" not in page and post(boss, PAGE, do="family", **{"from": "red"}).status_code == 422


def test_what_cannot_be_read_is_told_in_figures_mended_by_one_press_and_not_published(boss):
    told = post(boss, f"{PAGE}/look", **{"light.ink": "#bbbbbb"}).text
    assert "Text on Page, light: 1.8 to 1. At least 4.5 to 1 is needed." in told
    assert "cannot be read well" not in boss.get(PAGE).text

    post(boss, PAGE, **{"light.ink": "#bbbbbb"})
    page = boss.get(PAGE).text
    fix = re.search(r'name="do" value="(fix:light\.ink:#[0-9a-f]{6})"', page).group(1)
    assert "cannot be read well yet" in page and "1.8 to 1" in boss.get("/builder/review").text
    assert post(boss, "/builder/review", note="Grey").status_code == 422

    post(boss, PAGE, do=fix)
    assert "cannot be read well" not in boss.get(PAGE).text
    post(boss, PAGE, do="reset")
    assert 'name="light.ink" value="#1b201d"' in boss.get(PAGE).text


@pytest.mark.parametrize("value", ["red;}*{background:url(//evil)}", "url(x)", "<script>", "#12zz34"])
def test_what_is_no_colour_changes_nothing(boss, value):
    post(boss, PAGE, **{"light.brand-hover": value, "font": "evil", "dark.evil": "#112233"})

    assert value not in boss.get(f"{PAGE}/look.css").text and value not in boss.get(PAGE).text


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_logo_is_made_small_and_shown(boss, kind):
    sent = boss.post(f"{PAGE}/logo", data={"csrf_token": boss.csrf, "file": (a_file(kind), f"logo.{kind.lower()}")})
    assert sent.status_code == 303

    shown = boss.get(f"{PAGE}/logo.png")

    assert shown.mimetype == "image/png" and Image.open(io.BytesIO(shown.data)).size == (384, 128)
    post(boss, f"{PAGE}/logo", remove="1")
    assert boss.get(f"{PAGE}/logo.png").status_code == 404


@pytest.mark.parametrize(("content", "name", "said"), [
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.svg", "An SVG can carry scripts"),
    (b"<svg onload=alert(1)>", "logo.png", "cannot be read"),
    (b"MZ", "logo.exe", "are not taken"), (b"a;b", "logo.csv", "no picture")])
def test_a_logo_that_is_no_picture_is_refused_with_the_way_out(boss, content, name, said):
    answer = boss.post(f"{PAGE}/logo", data={"csrf_token": boss.csrf, "file": (io.BytesIO(content), name)})

    assert answer.status_code == 422 and said in answer.text
    assert post(boss, f"{PAGE}/logo").status_code == 422


def test_a_house_wears_one_theme_at_a_time(boss):
    post(boss, f"{PAGE}/wear", on="1")
    assert "Everybody sees this theme" in boss.get(PAGE).text
    post(boss, f"{PAGE}/wear", on="")
    assert "Nobody sees this theme" in boss.get(PAGE).text
    assert boss.get("/builder/theme/nothing").status_code == 404


def test_it_is_for_those_who_build(app):
    lan = signed_in(app, "lan")

    assert lan.get(PAGE).status_code == 403 and lan.get(f"{PAGE}/look.css").status_code == 403
    assert post(lan, PAGE, **{"light.brand": "#000000"}).status_code == 403


def test_the_page_speaks_vietnamese(boss):
    post(boss, "/me/settings", language="vi")
    page = boss.get(PAGE).text
    post(boss, "/me/settings", language="en")

    assert "Bắt đầu từ một màu" in page and "Nút, liên kết và những gì đang được chọn." in page


def test_a_logo_that_is_no_picture_in_a_draft_is_not_given_out(boss):
    broken = base64.b64encode(b"<script>").decode()
    post(boss, PAGE, radius="round")
    post(boss, "/builder/d/themes/house", label="House", logo=broken)

    assert boss.get(f"{PAGE}/logo.png").status_code == 404
