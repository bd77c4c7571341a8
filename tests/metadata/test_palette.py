"""Themes carry colours that can be read, and nothing but colours."""
import base64
import colorsys
import json
from pathlib import Path

import pytest

from metadata import check, contrast, palette, shape
from metadata.definitions import Definitions, read_document
from metadata.errors import NotSound
from metadata.model.theme import Theme

THEMES = Path(__file__).resolve().parents[2] / "themes"


def a_theme(**given):
    return Theme(**({"id": "thm_sea", "name": "sea", "label": "Sea"} | given))


def of_theme(tokens, mode):
    """The one of light-dark(a, b) that a mode shows."""
    number = palette.MODES.index(mode)
    return {token: value[11:-1].split(", ")[number] if value.startswith("light-dark(#") else value
            for token, value in tokens.items()}


@pytest.mark.parametrize("mode", palette.MODES)
def test_the_usual_colours_are_those_of_the_built_in_theme(mode):
    tokens = of_theme(json.loads((THEMES / "default" / "theme.json").read_text("utf-8"))["tokens"], mode)

    assert palette.usual(mode) == {token: tokens[token] for token in palette.usual(mode)}


@pytest.mark.parametrize("name", ["default", "contrast"])
def test_every_built_in_theme_is_read_well(name):
    tokens = json.loads((THEMES / name / "theme.json").read_text("utf-8"))["tokens"]
    known = palette.usual("light")
    theme = a_theme(**{mode: {token: value for token, value in of_theme(tokens, mode).items() if token in known}
                       for mode in palette.MODES})

    assert [pair for pair in palette.pairs(theme) if not pair.passes] == []


@pytest.mark.parametrize(("one", "other", "ratio"), [
    ("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ff0000", 1), ("oklch(0 0 0)", "oklch(100% 0 0)", 21)])
def test_contrast_is_measured_as_the_standard_says(one, other, ratio):
    assert contrast.ratio(one, other) == pytest.approx(ratio, abs=.01)


def test_a_colour_survives_the_way_through_oklch():
    for color in ("#1b6b50", "#e11d48", "#ffffff", "#000000", "#123456", "#fedcba"):
        assert contrast.of_lch(*contrast.lch(color)) == color


def test_a_family_made_from_any_brand_colour_is_read_well():
    for number in range(0, 120):
        red, green, blue = colorsys.hsv_to_rgb(number / 40 % 1, (number % 5) / 4, (number % 7) / 6)
        brand = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
        family = palette.family(brand)

        assert [pair for pair in palette.pairs(a_theme(light=family["light"], dark=family["dark"])) if not pair.passes] == [], brand


def test_a_brand_colour_that_can_be_read_stays_what_it_is():
    assert palette.family("#1b6b50")["light"]["brand"] == "#1b6b50"


def test_a_theme_that_cannot_be_read_is_refused_with_figures_and_the_nearest_that_can(kinds):
    theme = a_theme(light={"ink": "#bbbbbb"})

    found = [str(each) for each in check.problems(Definitions.of_documents([theme]), kinds)]

    assert any("'Text' on 'Page' has a contrast of 1.8 to 1; 4.5 to 1 is needed" in each for each in found)
    better = palette.nearest(palette.colors(theme, "light"), "ink")
    assert check.problems(Definitions.of_documents([a_theme(light={"ink": better})]), kinds) == []


def test_at_most_one_theme_is_worn(kinds):
    two = [a_theme(active=True), a_theme(id="thm_hill", name="hill", label="Hill", active=True)]

    assert [each.path for each in check.problems(Definitions.of_documents(two), kinds)] == ["themes/sea#active"]


@pytest.mark.parametrize("value", [
    "red", "#fff", "#12345g", "url(https://evil.example/x)", "#112233;background:url(//evil)", "var(--b-ink)", "#112233\n", "",
    "oklch(0.5 0.1 20 / 50%)", "oklch(0.5 0.1 20);}", "expression(alert(1))", "\\75rl(x)", "#112233/*", None, 7, {"a": 1}])
def test_a_colour_is_a_colour_and_nothing_else(value):
    with pytest.raises(NotSound):
        read_document("themes/sea", {"id": "thm_sea", "name": "sea", "label": "Sea", "light": {"brand": value}})


@pytest.mark.parametrize("broken", [{"light": {"evil": "#112233"}}, {"css": "x"}, {"font": "Comic Sans"}, {"radius": "99rem"},
                                    {"logo": "data:image/svg+xml;base64,AAAA"}, {"logo": "x" * 90_000}])
def test_a_theme_sets_only_what_themes_know(broken):
    with pytest.raises(NotSound):
        read_document("themes/sea", {"id": "thm_sea", "name": "sea", "label": "Sea"} | broken)


@pytest.mark.parametrize(("content", "said"), [
    (b"<svg onload=alert(1)>", "not a PNG"), (b"GIF89a" + b"\0" * 40, "not a PNG"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\xff\xff\0\0\xff\xff" + b"\0" * 20, "65,535 by 65,535 pixels")])
def test_a_logo_is_a_small_picture(kinds, content, said):
    theme = a_theme(logo=base64.b64encode(content).decode())

    assert [said in each.message for each in check.problems(Definitions.of_documents([theme]), kinds)] == [True]


def test_every_colour_of_the_schema_takes_its_own_default():
    for mode in palette.MODES:
        assert shape.problems("themes/sea", Theme, a_theme(**{mode: palette.usual(mode)}).to_json()) == []
