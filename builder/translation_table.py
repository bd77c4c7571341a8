"""Translations: the texts of the definitions in each language as a table, what is missing first; to a file and back."""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import flask
from flask import request

from builder import choices, studio
from builder import draft as drafts
from builder import translation_rows as table
from builder.draft import Draft
from builder.translation_rows import Row
from metadata import shape
from metadata.model.translation import Translation
from runtime.errors import NotFound
from runtime.locale.text import NAMES, SOURCE, _, lazy, ngettext
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder, takes

translation_table = flask.Blueprint("translation_table", __name__, url_prefix="/builder/translations")

studio.entry(lazy("Translations"), "/builder/translations", "language", position=85, noun="translations")

AT_ONCE = 100
LARGEST = 10 * 1024 * 1024
LONG = 200
"""A text that may be longer is written in a box of several lines."""
FIELD = "text:"
LANGUAGE = re.compile(shape.schemas()["translation"]["properties"]["name"]["pattern"])


@dataclass(frozen=True)
class Asked:
    """Which rows: of one module ("-": of none), with these words, only the missing, only the stale."""
    module: str = ""
    words: str = ""
    only: str = ""
    page: int = 1

    def href(self, language: str, page: int) -> str:
        given = {"module": self.module, "q": self.words, "only": self.only, "page": page if page > 1 else ""}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/builder/translations/{language}" + (f"?{query}" if query else "")

    def holds(self, row: Row, place: str) -> bool:
        if self.module and row.text.module != ("" if self.module == "-" else self.module):
            return False
        if (self.only == "missing" and row.said) or (self.only == "stale" and not row.stale):
            return False
        if not self.words:
            return True
        told = f"{row.text.said} {row.said} {row.text.address} {place}".casefold()
        return all(word in told for word in self.words.casefold().split())


@translation_table.get("")
@builder
def languages() -> flask.Response:
    return _languages()


@translation_table.post("")
@builder
def add() -> flask.Response:
    """A language that the definitions are to speak."""
    actor, language = current_actor(), (request.form.get("other", "").strip() or request.form.get("language", ""))
    draft = drafts.current(actor)
    if not LANGUAGE.fullmatch(language) or language == SOURCE:
        return _languages({"other": [_("A language has a code such as vi, de or pt_BR.")]}, status=422)
    if language not in draft.definitions.translations:
        drafts.change(actor, _("Add language %(language)s.", language=_named(language)),
                      lambda known: table.with_labels(known, language, {}))
    return htmx.go(f"/builder/translations/{language}")


@translation_table.get("/<language>")
@builder
def show(language: str) -> flask.Response:
    return _page(drafts.current(current_actor()), language)


@translation_table.post("/<language>")
@builder
def save(language: str) -> flask.Response:
    """The rows that say something else now, as one step."""
    draft = drafts.current(current_actor())
    _held(draft, language)
    given = {name.removeprefix(FIELD): said for name, said in request.form.items() if name.startswith(FIELD)}
    number, draft = _put(draft, language, given)
    if request.htmx:
        return _page(draft, language)
    return htmx.go(_asked(request.form).href(language, _asked(request.form).page), _told(number, language))


@translation_table.post("/<language>/fill")
@builder
def fill(language: str) -> flask.Response:
    """What is missing, by the words of another language."""
    draft = drafts.current(current_actor())
    _held(draft, language)
    other = _held(draft, request.form.get("other", ""))
    missing = {row.text.address for row in table.rows(draft, language) if not row.said}
    number, _draft = _put(draft, language, {address: said for address, said in other.labels.items() if address in missing})
    return htmx.go(f"/builder/translations/{language}", _told(number, language))


@translation_table.get("/<language>/table.csv")
@builder
def download(language: str) -> flask.Response:
    draft = drafts.current(current_actor())
    _held(draft, language)
    content = table.as_csv(draft.definitions, _sorted(table.rows(draft, language)))
    return flask.Response(content, mimetype="text/csv", headers={
        "Content-Disposition": f'attachment; filename="translation-{language}.csv"'})


@translation_table.post("/<language>/file")
@builder
@takes(LARGEST)
def upload(language: str) -> flask.Response:
    """A table that came back from a translator, as one step."""
    draft = drafts.current(current_actor())
    _held(draft, language)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise ValueError(_("Choose a file."))
        read = table.from_csv(draft.definitions, file.read())
    except ValueError as problem:
        return _page(draft, language, {"file": [str(problem)]}, status=422)
    number, _draft = _put(draft, language, read.labels)
    left = [ngettext("%(n)s row was for another English text and was left out.",
                     "%(n)s rows were for another English text and were left out.", read.older, n=read.older) if read.older else "",
            ngettext("%(n)s row is about no text there is.", "%(n)s rows are about no text there is.", read.unknown, n=read.unknown)
            if read.unknown else "",
            ngettext("%(n)s text is too long for its place.", "%(n)s texts are too long for their places.", read.long, n=read.long)
            if read.long else ""]
    said = _told(number, language)["toast"]
    return htmx.go(f"/builder/translations/{language}", {"toast": said | {"text": " ".join([said["text"], *filter(None, left)])}})


@translation_table.post("/<language>/tidy")
@builder
def tidy(language: str) -> flask.Response:
    """Without the words of texts that have gone."""
    actor = current_actor()
    _held(drafts.current(actor), language)
    drafts.change(actor, _("Forget what is no longer used in %(language)s.", language=_named(language)),
                  lambda known: table.with_labels(known, language, dict.fromkeys(table.left_over(known, language), "")))
    return htmx.go(f"/builder/translations/{language}", {"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


@translation_table.post("/<language>/remove")
@builder
def remove(language: str) -> flask.Response:
    actor = current_actor()
    held = _held(drafts.current(actor), language)
    drafts.change(actor, _("Remove language %(language)s.", language=_named(language)), lambda known: known.without(held.path))
    return htmx.go("/builder/translations", {"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


def _put(draft: Draft, language: str, given: Mapping[str, str]) -> tuple[int, Draft]:
    new = table.changed(draft.definitions, language, given)
    if not new:
        return 0, draft
    one = next(iter(new.values()))
    sentence = (_("Translate into %(language)s: '%(text)s'.", language=_named(language), text=one[:60]) if len(new) == 1 else
                ngettext("Translate %(n)s text into %(language)s.", "Translate %(n)s texts into %(language)s.", len(new),
                         n=len(new), language=_named(language)))
    return len(new), drafts.change(current_actor(), sentence, lambda known: table.with_labels(
        known, language, table.changed(known, language, given)))


def _told(number: int, language: str) -> dict[str, dict[str, str]]:
    if not number:
        return {"toast": {"text": _("Nothing is different from before.")}}
    return {"toast": {"text": ngettext("%(n)s text kept in the draft.", "%(n)s texts kept in the draft.", number, n=number),
                      "undo": "/builder/undo"}}


def _held(draft: Draft, language: str) -> Translation:
    found = draft.definitions.translations.get(language)
    if found is None:
        raise NotFound(_("The definitions have no texts in that language yet. Add it first."))
    return found


def _named(language: str) -> str:
    return NAMES.get(language, language)


def _asked(given: Mapping[str, str]) -> Asked:
    page = given.get("page", "")
    return Asked(given.get("module", ""), given.get("q", "").strip()[:200], given.get("only", ""),
                 max(int(page), 1) if page.isdecimal() and len(page) < 6 else 1)


def _sorted(rows: list[Row]) -> list[Row]:
    """What is missing first, then what is stale."""
    return sorted(rows, key=lambda row: (bool(row.said), not row.stale))


def _languages(errors: dict[str, list[str]] | None = None, status: int = 200) -> flask.Response:
    draft = drafts.current(current_actor())
    known = sorted(draft.definitions.translations)
    listed = [{"code": code, "name": _named(code), "count": table.together(table.counts(table.rows(draft, code)))}
              for code in known]
    offered = {code: name for code, name in NAMES.items() if code != SOURCE and code not in known}
    return studio.answer("builder/translations.html", "work", draft=draft, languages=listed, offered=offered, errors=errors or {},
                         given=request.form.get("other", ""), status=status)


def _page(draft: Draft, language: str, errors: dict[str, list[str]] | None = None, status: int = 200) -> flask.Response:
    _held(draft, language)
    rows, asked, known = table.rows(draft, language), _asked(request.values), draft.definitions
    places = {row.text.address: table.place(known, row.text) for row in rows} if asked.words else {}
    wanted = [row for row in _sorted(rows) if asked.holds(row, places.get(row.text.address, ""))]
    last = max((len(wanted) + AT_ONCE - 1) // AT_ONCE, 1)
    page = min(asked.page, last)
    shown: list[dict[str, Any]] = [
        {"row": row, "place": table.place(known, row.text), "long": row.text.most > LONG, "name": FIELD + row.text.address}
        for row in wanted[(page - 1) * AT_ONCE:page * AT_ONCE]]
    counted = table.counts(rows)
    modules = sorted(((name or "-", choices.of_module(known, known.modules[name]) if name in known.modules else
                       _("Everything else"), count) for name, count in counted.items()),
                     key=lambda each: (each[0] == "-", each[1].casefold()))
    return studio.answer(
        "builder/translation.html", "work", draft=draft, status=status, language=language, named=_named(language), shown=shown,
        asked=asked, counted=table.together(counted), modules=modules, stale=sum(row.stale for row in rows), page=page, last=last,
        errors=errors or {}, left_over=table.left_over(known, language),
        previous=asked.href(language, page - 1) if page > 1 else "", next=asked.href(language, page + 1) if page < last else "",
        others=[(code, _named(code)) for code in sorted(known.translations) if code != language])
