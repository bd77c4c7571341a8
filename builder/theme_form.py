"""The theme's form: its colours in groups, what is posted read back, and how well each colour is read, in sentences."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from metadata import contrast, palette, shape
from metadata.model.theme import Theme
from runtime.locale.text import _, lazy
from runtime.web.house_theme import FONTS, RADII

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (lazy("Brand"), ("brand", "brand-hover", "brand-on", "brand-wash", "brand-line")),
    (lazy("Surfaces"), ("bg-app", "bg-surface", "bg-raised", "bg-sunken", "bg-side", "bg-hover", "bg-step", "bg-track")),
    (lazy("Text and lines"), ("ink", "ink-2", "ink-3", "line", "line-strong", "line-control")),
    (lazy("Meanings"), ("ok", "ok-wash", "ok-line", "warn", "warn-wash", "warn-line", "bad", "bad-wash", "bad-line", "bad-fill",
                        "info", "info-wash", "info-line", "late", "today", "unplanned")),
    (lazy("Messages and signing in"), ("bg-flip", "on-flip", "act-flip", "night", "on-night", "on-night-2")))
MODES = {"light": lazy("Light"), "dark": lazy("Dark")}
CHOICES = {"radius": RADII, "font": FONTS}


@dataclass(frozen=True)
class Told:
    """One pair of colours in words. better: (place of the colour to change, the nearest that passes), where there is one."""
    what: str
    figure: str
    least: str
    passes: bool
    mode: str
    better: tuple[str, str] | None = None


def groups(theme: Theme) -> list[dict[str, Any]]:
    """[{label, open, rows: [{token, label, help, colors: {mode: hex}, changed}]}]"""
    worn = {mode: palette.colors(theme, mode) for mode in MODES}
    failing = {pair.token for pair in palette.pairs(theme) if not pair.passes}
    return [{"label": label, "open": not number or bool(failing & set(tokens)),
             "rows": [{"token": token, "label": name(token), "help": _(_schema("light")[token]["description"]),
                       "colors": {mode: contrast.as_hex(worn[mode][token]) for mode in MODES},
                       "changed": token in theme.light or token in theme.dark} for token in tokens]}
            for number, (label, tokens) in enumerate(GROUPS)]


def choices(theme: Theme) -> list[dict[str, Any]]:
    """Of corners and lettering: [{name, label, help, value, options: [(value, label, tokens it sets)]}]"""
    properties = shape.schema(Theme)["properties"]
    return [{"name": each, "label": _(properties[each]["title"]), "help": _(properties[each]["description"]),
             "value": getattr(theme, each),
             "options": [(value, _(value.capitalize()), tokens) for value, tokens in known.items()]}
            for each, known in CHOICES.items()]


def read(theme: Theme, form: Mapping[str, str]) -> Theme:
    """The theme with what was posted; what is no colour or no choice stays as it was."""
    changed = {mode: _colors(theme, mode, form) for mode in MODES}
    chosen = {each: form[each] for each, known in CHOICES.items() if form.get(each) in known}
    label = form.get("label", "").strip()[:60]
    return replace(theme, **changed, **chosen, **({"label": label} if label else {}))


def with_colors(theme: Theme, colors: Mapping[str, Mapping[str, str]]) -> Theme:
    """colors: {mode: {token: colour}}, over its own; the usual ones are left out."""
    made = {mode: {token: color for token, color in {**getattr(theme, mode), **colors.get(mode, {})}.items()
                   if color != palette.usual(mode)[token]} for mode in MODES}
    return replace(theme, **made)


def name(token: str) -> str:
    return _(_schema("light")[token]["title"]) if token else _("White")


def told(theme: Theme) -> list[Told]:
    """Every pair, those that are not read well first."""
    worn = {mode: palette.colors(theme, mode) for mode in MODES}
    found = []
    for pair in sorted(palette.pairs(theme), key=lambda pair: pair.passes):
        better = None if pair.passes else _better(worn[pair.mode], pair)
        found.append(Told(_("%(what)s on %(behind)s", what=name(pair.token), behind=name(pair.behind)), f"{pair.ratio:.1f}",
                          f"{pair.least:g}", pair.passes, pair.mode, better and (f"{pair.mode}.{better[0]}", better[1])))
    return found


def _better(worn: Mapping[str, str], pair: palette.Pair) -> tuple[str, str] | None:
    """What is read is changed where that helps, else what lies behind it."""
    for token in (pair.token, pair.behind):
        if token and (color := palette.nearest(worn, token)):
            return token, color
    return None


def _colors(theme: Theme, mode: str, form: Mapping[str, str]) -> dict[str, str]:
    found = dict(getattr(theme, mode))
    for token, usual in palette.usual(mode).items():
        given = form.get(f"{mode}.{token}", "").strip().lower()
        if not given or given == contrast.as_hex(found.get(token, usual)):
            continue
        try:
            contrast.luminance(given)
        except ValueError:
            continue
        found.pop(token, None)
        if given != usual:
            found[token] = given
    return found


def _schema(mode: str) -> dict[str, Any]:
    return shape.schema(Theme)["properties"][mode]["properties"]
