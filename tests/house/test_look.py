"""What every template, theme and script keeps to: a strict CSP, known icons, readable colours, a light first visit."""
import gzip
import json
import re
from pathlib import Path

import jinja2
import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "runtime" / "web" / "static"
TEMPLATES = sorted(file for room in ("runtime", "builder") for file in (ROOT / room).rglob("templates/**/*.html"))
THEMES = sorted((ROOT / "themes").glob("*/theme.json"))
SPRITE = {name for line in (ROOT / "runtime/web/icons.txt").read_text().splitlines() if not line.startswith("#")
          for name in line.split()}

named = pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))


@named
def test_no_template_needs_more_than_a_strict_csp_gives(file):
    text = file.read_text()

    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=\"|hx-on|javascript:|hx-vals=.js:", text)
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "nonce=" in script and "src=" in script


@named
def test_every_template_can_be_compiled(file):
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)

    environment.parse(file.read_text(), filename=str(file))


@named
def test_every_icon_button_has_a_name(file):
    buttons = re.findall(r"<(?:button|a)\b[^>]*\bbtn-icon\b[^>]*>", file.read_text())

    assert [button for button in buttons if "aria-label=" not in button] == []


def test_every_icon_a_template_or_seed_asks_for_is_in_the_sprite():
    asked = {name for file in TEMPLATES for name in re.findall(r"""\bicon\(["']([a-z0-9-]+)["'](?! ~)""", file.read_text())}
    for file in ROOT.glob("seeds/*/*/*.json"):
        icon = json.loads(file.read_text()).get("icon")
        asked |= {icon} if icon else set()

    assert asked - SPRITE == set()


def test_every_icon_that_code_names_is_in_the_sprite():
    named = (r'(?:studio\.entry|Item)\([^\n]*?"(?:/[^"]*)",\s*"([a-z0-9-]+)"', r'\bWords\("([a-z0-9-]+)"',
             r'"icon": "([a-z0-9-]+)"', r'\bicon(?:: [^=\n]+)? ?= ?"([a-z0-9-]+)"')
    asked = {(name, file.name) for room in ("runtime", "builder") for file in (ROOT / room).rglob("*.py")
             for pattern in named for name in re.findall(pattern, file.read_text())}

    assert len(asked) > 40 and {(name, file) for name, file in asked if name not in SPRITE} == set()


def test_the_scripts_stay_small_and_hold_no_words_and_no_eval():
    for name, most in (("app.js", 12_800), ("form.js", 10_000), ("walk.js", 2_000)):
        text = (STATIC / name).read_text()
        assert len(text.encode()) <= most, name
        assert not re.search(r"\beval\(|new Function|\.setAttribute\(\"style\"", text), name


@pytest.mark.parametrize("file", THEMES, ids=lambda file: file.parent.name)
def test_a_theme_sets_only_tokens_that_the_default_names(file):
    known = json.loads((ROOT / "themes/default/theme.json").read_text())["tokens"]

    theme = json.loads(file.read_text())

    assert theme["name"] == file.parent.name
    assert set(theme["tokens"]) <= set(known)


@pytest.mark.parametrize("file", THEMES, ids=lambda file: file.parent.name)
@pytest.mark.parametrize("scheme", (0, 1), ids=("light", "dark"))
def test_text_can_be_read_on_its_ground(file, scheme):
    tokens = json.loads((ROOT / "themes/default/theme.json").read_text())["tokens"] | json.loads(file.read_text())["tokens"]

    def colour(name):
        return _colour(tokens, name, scheme)

    for ink, grounds in {"ink": ("bg-app", "bg-surface", "bg-side", "bg-sunken", "brand-wash"),
                         "ink-2": ("bg-app", "bg-surface", "bg-side", "bg-sunken"),
                         "ink-3": ("bg-app", "bg-surface", "bg-side"), "brand": ("bg-surface", "bg-app"), "brand-on": ("brand",),
                         "bad": ("bg-surface", "bad-wash"), "warn": ("bg-surface", "warn-wash"), "ok": ("bg-surface", "ok-wash"),
                         "on-flip": ("bg-flip",), "act-flip": ("bg-flip",)}.items():
        for ground in grounds:
            assert _contrast(colour(ink), colour(ground)) >= 4.5, f"{ink} on {ground}"
    assert _contrast(colour("line-control"), colour("bg-surface")) >= 3


def test_a_first_visit_costs_little():
    if not (STATIC / "vendor").is_dir():
        pytest.skip("`make assets` has not run here")
    packed = [STATIC / "app.css", STATIC / "app.js", STATIC / "form.js", STATIC / "vendor/tabler.css",
              STATIC / "vendor/htmx.min.js", STATIC / "vendor/icons.svg",
              ROOT / "themes/default/theme.css", ROOT / "themes/default/theme.json"]
    fonts = list((STATIC / "vendor").glob("*.woff2"))

    cost = sum(len(gzip.compress(file.read_bytes(), 9)) for file in packed) + sum(font.stat().st_size for font in fonts)

    assert fonts and cost <= 286_000        # 300 kB with a page of 14 kB on top


def _colour(tokens, name, scheme):
    value = tokens[name]
    if found := re.fullmatch(r"var\(--b-([a-z0-9-]+)\)", value):
        return _colour(tokens, found[1], scheme)
    hexes = re.findall(r"#([0-9a-f]{6})", value.lower())
    return hexes[min(scheme, len(hexes) - 1)]


def _contrast(one, other):
    """WCAG 2 contrast of two hex colours."""
    def light(code):
        parts = [int(code[at:at + 2], 16) / 255 for at in (0, 2, 4)]
        return sum(weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
                   for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
