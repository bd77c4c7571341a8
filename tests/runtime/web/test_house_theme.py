"""What a house wears: its published theme is a style sheet of its own, new with each publishing; nothing else gets in."""
import base64
import io
import re

import pytest
from PIL import Image

from metadata.model.theme import Theme
from runtime.publish import service as publish
from runtime.tables import published
from runtime.values import HOUSE
from runtime.web import house_theme
from tests.runtime.web.conftest import signed_in

LIGHT = {"brand": "#1f4e8c", "brand-hover": "#173d70"}


def a_picture(color="red", size=(40, 20)):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def wear(**given):
    theme = Theme(**({"id": "thm_sea", "name": "sea", "label": "Sea", "active": True} | given))
    publish.publish(HOUSE, published.refresh().definitions.with_document(theme))
    published.refresh()


def sheet(client):
    """(address, text) of the style sheet a page asks for."""
    address = re.search(r'href="(/theme/[^"]+\.css\?v=\w+)"', client.get("/").text).group(1)
    return address, client.get(address)


def test_a_published_theme_is_worn_by_everybody_at_a_new_address(app, boss, visitor):
    builtin, _answer = sheet(boss)
    wear(light=LIGHT, dark={"brand": "oklch(0.8 0.1 250)"}, radius="round", font="serif")
    address, answer = sheet(boss)

    assert builtin.startswith("/theme/default.css?v=") and address.startswith("/theme/worn/default.css?v=")
    assert re.search(r"--b-brand:light-dark\(#1f4e8c, #[0-9a-f]{6}\);", answer.text) and "--b-r-2:10px;" in answer.text
    assert "oklch" not in answer.text and "Georgia" in answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    assert "#1f4e8c" in visitor.get(address).text
    assert address in visitor.get("/login").text


def test_people_who_chose_high_contrast_keep_it(app, boss):
    wear(light=LIGHT)
    boss.post("/me/settings", data={"theme": "contrast", "csrf_token": boss.csrf})
    address, answer = sheet(boss)
    assert address.startswith("/theme/contrast.css") and "#1f4e8c" not in answer.text

    boss.post("/me/settings", data={"theme": "compact", "csrf_token": boss.csrf})
    address, answer = sheet(boss)
    assert address.startswith("/theme/worn/compact.css") and "#1f4e8c" in answer.text and "--b-row:2rem" in answer.text
    boss.post("/me/settings", data={"theme": "auto", "csrf_token": boss.csrf})


def test_an_old_address_gives_what_is_worn_now_and_is_not_kept(app, boss, visitor):
    wear(light=LIGHT)
    old, _answer = sheet(boss)
    wear(light={"brand": "#7a1f5c"})

    answer = visitor.get(old)

    assert "#7a1f5c" in answer.text and "immutable" not in answer.headers["Cache-Control"]


def test_without_a_theme_the_built_in_one_is_worn(app, boss, visitor):
    wear(active=False, light=LIGHT)

    assert sheet(boss)[0].startswith("/theme/default.css")
    assert "#1f4e8c" not in visitor.get("/theme/worn/default.css?v=x").text
    assert visitor.get("/theme/worn/nothing.css").status_code == 404
    assert visitor.get("/theme/logo.png").status_code == 404
    assert "b-logo-own" not in visitor.get("/login").text


def test_a_logo_is_shown_and_written_anew(app, boss, visitor):
    sent = a_picture()
    wear(logo=sent, logo_dark=a_picture("blue"))

    page = boss.get("/").text
    address = re.search(r'src="(/theme/logo\.png\?v=\w+)"', page).group(1)
    answer = visitor.get(address)

    assert "b-logo-night" in page and answer.mimetype == "image/png" and "immutable" in answer.headers["Cache-Control"]
    assert Image.open(io.BytesIO(answer.data)).size == (40, 20)
    assert "b-logo-own" in visitor.get("/login").text


def test_what_hides_behind_a_logo_is_not_given_out(app, boss, visitor):
    hiding = base64.b64encode(base64.b64decode(a_picture()) + b"<script>alert(1)</script>").decode()
    broken = base64.b64encode(base64.b64decode(a_picture())[:40]).decode()

    wear(logo=hiding)
    assert b"script" not in visitor.get(logo_of(boss)).data
    wear(logo=broken)
    assert "b-logo-own" not in boss.get("/").text and visitor.get("/theme/logo.png").status_code == 404


def logo_of(client):
    return re.search(r'src="(/theme/logo\.png[^"]*)"', client.get("/").text).group(1)


@pytest.mark.parametrize("value", ["#112233;}*{background:url(//evil)}", "red"])
def test_a_colour_that_is_none_never_reaches_a_style_sheet(value):
    with pytest.raises(ValueError, match="is no colour"):
        house_theme.tokens(Theme(id="thm_x", name="x", label="X", light={"brand": value}))


def test_lan_sees_it_too(app):
    wear(light=LIGHT)

    assert "#1f4e8c" in sheet(signed_in(app, "lan"))[1].text
