"""The theme: colours beside a preview that follows them, how well they are read, a family from one colour, the logo."""
import base64
from collections.abc import Callable
from dataclasses import replace

import flask
from flask import request

from builder import draft as drafts
from builder import studio, theme_form
from builder.ids import new_id
from metadata import contrast, logo, palette, themes
from metadata.definitions import Definitions
from metadata.model.theme import Theme
from runtime.errors import Invalid, NotFound
from runtime.files import pictures
from runtime.files.types import NotTaken
from runtime.locale.text import _, lazy, ngettext
from runtime.web import house_theme, htmx, static
from runtime.web import themes as built_in
from runtime.web.actor import current_actor
from runtime.web.policies import builder, takes

theme = flask.Blueprint("theme", __name__, url_prefix="/builder/theme")

studio.entry(lazy("Theme"), "/builder/theme", "palette", position=80, noun="themes")

HOUSE = "house"
"""The name of the theme that is made here where there is none."""
LOGO = {"width": 512, "height": 128, "largest": logo.LARGEST}
UPLOAD = 6 * 1024 * 1024


@theme.get("")
@builder
def own() -> flask.Response:
    """The one that is worn, or the one that would be."""
    known = drafts.current(current_actor()).definitions
    return _page((themes.worn(known.of(Theme)) or _of(known, HOUSE)).name)


@theme.get("/<name>")
@builder
def show(name: str) -> flask.Response:
    return _page(name)


@theme.post("/<name>")
@builder
def save(name: str) -> flask.Response:
    """do: "" (keep what was chosen), "family" (from the colour `from`), "fix:light.ink:#rrggbb", "reset"."""
    action, _colon, rest = request.form.get("do", "").partition(":")
    if action == "family":
        color = request.form.get("from", "").strip().lower()
        try:
            family = palette.family(color if color.startswith("#") else f"#{color}")
        except ValueError:
            return _page(name, errors={"from": [_("Write the colour as #rrggbb, such as #1f4e8c.")]})
        return _kept(name, _("Make the theme's colours from %(color)s.", color=color),
                     lambda known: theme_form.with_colors(theme_form.read(known, request.form), family))
    if action == "fix":
        place, _colon, color = rest.partition(":")
        return _kept(name, _("Make a colour of the theme readable."),
                     lambda known: theme_form.read(theme_form.read(known, request.form), {place: color}))
    if action == "reset":
        return _kept(name, _("Put the theme back to the original."),
                     lambda known: Theme(id=known.id, name=known.name, label=known.label, active=known.active))
    return _kept(name, _("Change the theme."), lambda known: theme_form.read(known, request.form))


@theme.post("/<name>/wear")
@builder
def wear(name: str) -> flask.Response:
    """on: "1" to wear it, "" to wear the built-in one."""
    wanted = request.form.get("on") == "1"

    def put(definitions: Definitions) -> Definitions:
        if wanted:
            definitions = definitions.with_document(_of(definitions, name))
        for each in definitions.of(Theme):
            definitions = definitions.with_document(replace(each, active=wanted and each.name == name))
        return definitions

    label = _of(drafts.current(current_actor()).definitions, name).label
    drafts.change(current_actor(), _("Wear the theme '%(theme)s'.", theme=label) if wanted else _("Wear the built-in theme."), put)
    return htmx.go(f"/builder/theme/{name}", {"toast": {"text": _("Kept in the draft."), "undo": "/builder/undo"}})


@theme.post("/<name>/logo")
@builder
@takes(UPLOAD)
def put_logo(name: str) -> flask.Response:
    """which: "logo" or "logo_dark"; file: the picture; without one, the logo goes."""
    which = "logo_dark" if request.form.get("which") == "logo_dark" else "logo"
    given, text = request.files.get("file"), ""
    if given is not None and given.filename:
        try:
            text = base64.b64encode(pictures.small_png(given.read(UPLOAD), given.filename, **LOGO)).decode()
        except NotTaken as problem:
            return _page(name, errors={which: [_(problem.sentence, **problem.places)]})
    elif "remove" not in request.form:
        return _page(name, errors={which: [_("Choose a picture first.")]})
    return _kept(name, _("Change the logo."), lambda known: replace(known, **{which: text}))


@theme.post("/<name>/look")
@builder
def look(name: str) -> flask.Response:
    """How well what is chosen in the form is read; nothing is kept."""
    draft = drafts.current(current_actor())
    shown = theme_form.read(_of(draft.definitions, name), request.form)
    return htmx.part("builder/theme.html", "contrast", theme=shown, told=theme_form.told(shown), modes=theme_form.MODES)


@theme.get("/<name>/look.css")
@builder
def sheet(name: str) -> flask.Response:
    """The preview's style sheet: the draft's theme for one part of the page."""
    shown = _of(drafts.current(current_actor()).definitions, name)
    return static.send(built_in.sheet_of(built_in.BASE, house_theme.tokens(shown), root=".b-look"))


@theme.get("/<name>/<any(logo, logo_dark):which>.png")
@builder
def picture(name: str, which: str) -> flask.Response:
    text = getattr(_of(drafts.current(current_actor()).definitions, name), which)
    if not text or logo.problem(text):
        raise NotFound(_("There is no logo."))
    return flask.Response(base64.b64decode(text), mimetype="image/png")


def _of(definitions: Definitions, name: str) -> Theme:
    """The theme, or where this house has none of its own, one that changes nothing. Raises NotFound."""
    found = next((each for each in definitions.of(Theme) if each.name == name), None)
    if found is None and name == HOUSE:
        return Theme(id=new_id("thm"), name=HOUSE, label=_("Our theme"), active=themes.worn(definitions.of(Theme)) is None)
    if found is None:
        raise NotFound(_("There is no theme '%(name)s' in this draft.", name=name))
    return found


def _kept(name: str, sentence: str, edit: Callable[[Theme], Theme]) -> flask.Response:
    def put(definitions: Definitions) -> Definitions:
        before = _of(definitions, name)
        after = edit(before)
        if after == before and before.path not in definitions.documents:
            return definitions
        return definitions.with_document(drafts.document(before.path, after.to_json()))

    try:
        changed = drafts.change(current_actor(), sentence, put)
    except Invalid as problem:
        return _page(name, errors=problem.errors)
    failing = sum(not pair.passes for pair in palette.pairs(_of(changed.definitions, name)))
    text = ngettext("Kept in the draft. %(n)s pair of colours cannot be read well yet.",
                    "Kept in the draft. %(n)s pairs of colours cannot be read well yet.", failing, n=failing,
                    ) if failing else _("Kept in the draft.")
    return htmx.go(f"/builder/theme/{name}", {"toast": {"text": text, "undo": "/builder/undo"}})


def _page(name: str, errors: dict[str, list[str]] | None = None) -> flask.Response:
    draft = drafts.current(current_actor())
    shown = _of(draft.definitions, name)
    others = [each for each in draft.definitions.of(Theme) if each.name != name]
    return studio.answer("builder/theme.html", "work", draft=draft, status=422 if errors else 200, theme=shown,
                         groups=theme_form.groups(shown), choices=theme_form.choices(shown), modes=theme_form.MODES,
                         told=theme_form.told(shown), others=others, errors=errors or {},
                         brand=contrast.as_hex(palette.colors(shown, "light")["brand"]),
                         href=f"/builder/theme/{name}/look.css")
