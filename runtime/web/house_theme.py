"""The theme this house wears: from the published metadata, over the built-in one; its style sheet and logo for all to fetch.

Nothing of a theme reaches a style sheet as it was written: colours are computed anew, the rest are names for values of ours.
"""
import base64
from functools import partial

import flask
from flask import request
from sqlalchemy.exc import SQLAlchemyError

from metadata import contrast, palette
from metadata import themes as sound
from metadata.model.theme import Theme
from runtime.files import types
from runtime.tables import published
from runtime.web import static, themes
from runtime.web.policies import asset

RADII: dict[str, dict[str, str]] = {
    "square": {"r-1": "2px", "r-2": "2px", "r-3": "3px", "r-4": "4px"}, "soft": {},
    "round": {"r-1": "6px", "r-2": "10px", "r-3": "16px", "r-4": "20px"}}
FONTS: dict[str, dict[str, str]] = {
    "inter": {}, "system": {"font": 'system-ui, "Segoe UI", "Noto Sans", sans-serif'},
    "serif": {"font": '"Source Serif 4", Georgia, "Noto Serif", "Times New Roman", serif'}}
LOGOS = ("logo", "logo_dark")

pages = flask.Blueprint("house_theme", __name__)


def worn() -> Theme | None:
    """None where the house wears the built-in one, or where nobody can say."""
    try:
        return sound.worn(published.current().definitions.of(Theme))
    except SQLAlchemyError:
        return None


def tokens(theme: Theme) -> dict[str, str]:
    """{token: CSS value} of what the theme sets."""
    light, dark = palette.colors(theme, "light"), palette.colors(theme, "dark")
    found = {token: f"light-dark({contrast.as_hex(light[token])}, {contrast.as_hex(dark[token])})"
             for token in light if token in theme.light or token in theme.dark}
    return found | RADII[theme.radius] | FONTS[theme.font]


def href(name: str) -> str | None:
    """The style sheet of a built-in theme with what the house wears over it; None where that changes nothing.

    A theme with colours of its own (high contrast) is worn as it is.
    """
    kept = _sheet(name)
    return f"/theme/worn/{name}.css?v={kept.hash}" if kept else None


@pages.get("/theme/worn/<name>.css")
@asset
def sheet(name: str) -> flask.Response:
    if name not in themes.installed():
        flask.abort(404)
    kept = _sheet(name)
    if kept is None or kept.hash != request.args.get("v"):
        published.refresh()                          # another process may have published
        kept = _sheet(name) or themes.sheet_of(name)
    return static.send(kept)


@pages.app_template_global("house_logo")
def logos() -> dict[str, str]:
    """{"logo": address, "logo_dark": address} of those the house has; {} for the built-in one."""
    return {name: f"/theme/{name}.png?v={kept.hash}" for name in LOGOS if (kept := _picture(name))}


@pages.get("/theme/<any(logo, logo_dark):name>.png")
@asset
def picture(name: str) -> flask.Response:
    kept = _picture(name)
    if kept is None or kept.hash != request.args.get("v"):
        published.refresh()
        kept = _picture(name)
    if kept is None:
        flask.abort(404)
    return static.send(kept)


def _sheet(name: str) -> static.Kept | None:
    theme = worn()
    if theme is None or themes.has_colors(name):
        return None
    return published.current().once(("theme", name), lambda: themes.sheet_of(name, tokens(theme)))


def _picture(name: str) -> static.Kept | None:
    theme = worn()
    if theme is None or not getattr(theme, name):
        return None
    return published.current().once(("theme", name), partial(_drawn, getattr(theme, name)))


def _drawn(text: str) -> static.Kept | None:
    """Decoded and written anew, whatever it was that somebody put there."""
    try:
        return static.keep(types.checked(base64.b64decode(text), "logo.png").content, "image/png")
    except (types.NotTaken, ValueError):
        return None
