"""The built-in themes: tokens become CSS variables in one style sheet each; a theme's templates are looked for first.

themes/<name>/theme.json: {"name", "label", "extends", "tokens": {token: value}}; theme.css beside it holds what is no
token. A theme may only set tokens that `default` names.
"""
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import flask

from runtime.web import static
from runtime.web.policies import asset

FOLDER = Path(__file__).resolve().parents[2] / "themes"
BASE = "default"
MODES = ("auto", "light", "dark")
"""These are not themes but what data-bs-theme says: the default theme holds light and dark in one."""

pages = flask.Blueprint("themes", __name__)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VALUE = re.compile(r"[^;{}<>\\@]*")


class BadTheme(ValueError):
    """The theme cannot be used; the message says why."""


@dataclass(frozen=True)
class Theme:
    """chain: itself, then what it extends, up to `default`."""
    name: str
    label: str
    tokens: dict[str, str]
    chain: tuple[str, ...]


@cache
def theme(name: str) -> Theme:
    """Raises BadTheme."""
    file = FOLDER / name / "theme.json"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise BadTheme(f"There is no theme '{name}' in {FOLDER.name}/.")
    document = json.loads(file.read_text("utf-8"))
    tokens = document.get("tokens", {})
    if name == BASE:
        return Theme(name, document["label"], tokens, (BASE,))
    parent = theme(document.get("extends", BASE))
    unknown = sorted(set(tokens) - set(theme(BASE).tokens))
    if unknown:
        raise BadTheme(f"The theme '{name}' sets tokens that '{BASE}' does not name: {', '.join(unknown)}.")
    wrong = sorted(token for token, value in tokens.items() if not _VALUE.fullmatch(value) or "url(" in value.lower())
    if wrong:
        raise BadTheme(f"The theme '{name}' has values that are no plain CSS values: {', '.join(wrong)}.")
    return Theme(name, document["label"], parent.tokens | tokens, (name, *parent.chain))


@cache
def installed() -> tuple[str, ...]:
    return tuple(sorted(folder.parent.name for folder in FOLDER.glob("*/theme.json")))


def choices() -> tuple[str, ...]:
    """What a person may choose: the modes, and themes that stand beside them."""
    return MODES + tuple(name for name in installed() if name not in (BASE, *MODES))


def chosen(wanted: str) -> str:
    """The built-in theme for what a person chose; a mode wears the installation's own."""
    return wanted if wanted not in MODES and wanted in installed() else flask.current_app.config["THEME"]


def href(name: str) -> str:
    return f"/theme/{name}.css?v={_sheet(name).hash}"


def has_colors(name: str) -> bool:
    """Whether it has colours of its own."""
    return theme(name).tokens["brand"] != theme(BASE).tokens["brand"]


def template_folders(name: str) -> list[Path]:
    """Where templates are looked for first: the theme, then what it extends."""
    return [folder for one in theme(name).chain if (folder := FOLDER / one / "templates").is_dir()]


def install(app: flask.Flask) -> None:
    app.register_blueprint(pages)
    for one in reversed(theme(app.config["THEME"]).chain):
        static.add_folder(FOLDER / one / "static", first=True)


@pages.get("/theme/<name>.css")
@asset
def sheet(name: str) -> flask.Response:
    if name not in installed():
        flask.abort(404)
    return static.send(_sheet(name))


@cache
def _sheet(name: str) -> static.Kept:
    return sheet_of(name)


def sheet_of(name: str, over: Mapping[str, str] | None = None, root: str = ":root") -> static.Kept:
    """A theme's style sheet. over: tokens set over its own; root: what wears it, when it is not the whole page."""
    wanted = theme(name)
    lines = "".join(f"--b-{token}:{value};" for token, value in {**wanted.tokens, **(over or {})}.items())
    rest = [(FOLDER / one / "theme.css").read_text("utf-8") for one in reversed(wanted.chain)
            if (FOLDER / one / "theme.css").is_file()]
    return static.keep("\n".join([f":root{{{lines}}}", *rest]).replace(":root", root).encode(), "text/css")
