"""Merge: a draft behind what is live is brought onto it; what both changed differently is told in sentences, and chosen."""
import json
from typing import Any

import flask
from flask import request

from builder import change_words, choices, place_words, studio
from builder import draft as drafts
from metadata.changes import between
from metadata.definitions import Definitions
from metadata.merge import MISSING, OURS, THEIRS, Conflict
from metadata.model.document import Document
from runtime.locale.text import _
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

merging = flask.Blueprint("merging", __name__, url_prefix="/builder/merge")


@merging.get("")
@builder
def show() -> flask.Response:
    return _page()


@merging.post("")
@builder
def bring_together() -> flask.Response:
    """Every conflict needs a choice; the result is a step of the draft, which stands on the live version then."""
    actor = current_actor()
    draft = drafts.current(actor)
    if not draft.behind:
        return htmx.go("/builder/review")
    asked = drafts.brought_together(draft).conflicts
    choices = chosen(request.form)
    if any(conflict.key not in choices for conflict in asked):
        sentence = _("Choose for each of these which one shall stand.")
        return _page({"": [sentence]}, status=422)
    drafts.rebase(actor, choices, draft.name)
    toast = {"text": _("Both are together in your draft now."), "undo": "/builder/undo"}
    return htmx.go("/builder/review", events={"toast": toast})


def chosen(form: Any) -> dict[str, str]:
    """{conflict key: side} of what a form says."""
    return {name.removeprefix("choice:"): value for name, value in form.items()
            if name.startswith("choice:") and value in (OURS, THEIRS)}


def _page(errors: dict[str, list[str]] | None = None, status: int = 200) -> flask.Response:
    draft = drafts.current(current_actor())
    merged = drafts.brought_together(draft) if draft.behind else None
    theirs = between(draft.origin, draft.live, draft.nouns) if draft.behind else []
    return studio.answer("builder/merge.html", "work", draft=draft, status=status, errors=errors or {},
                         conflicts=[told(each, draft.definitions, draft.live) for each in merged.conflicts] if merged else [],
                         mine=[change_words.sentence(each, draft.definitions) for each in draft.changes],
                         theirs=[change_words.sentence(each, draft.live) for each in theirs], choices=chosen(request.form))


def told(conflict: Conflict, *sides: Definitions) -> dict[str, Any]:
    """A conflict as a page says it."""
    known, owner = next(((side, each) for side in sides for each in side.documents.values() if each.id == conflict.id),
                        (None, None))
    home = known.modules.get(getattr(owner, "module", "")) if known is not None else None

    def said(each: Any) -> str:
        """Its columns and other paths by what they are called."""
        listed = isinstance(each, (list, tuple)) and all(isinstance(item, str) for item in each)
        if listed and known is not None and home is not None:
            return ", ".join(choices.path_label(known, home, item) for item in each)[:300] or value(None)
        return value(each)

    return {"key": conflict.key, "path": conflict.path, "place": _inside(conflict.place, owner, known),
            "what": _called(owner, known, conflict.path), "base": said(conflict.base), "ours": said(conflict.ours),
            "theirs": said(conflict.theirs)}


def _inside(place: str, owner: Document | None, known: Definitions | None) -> str:
    """"fields.fld_size.label" -> "Size"; "" for the whole."""
    return place_words.of_merge(known, owner, place) if owner is not None and known is not None else place


def value(value: Any) -> str:
    if value is MISSING or value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return value[:300]
    if isinstance(value, Document):
        return getattr(value, "label", "") or value.name
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return ", ".join(value)[:300]
    if isinstance(value, dict) and isinstance(value.get("label"), str):
        return value["label"]
    return json.dumps(value, ensure_ascii=False, default=str)[:300]


def _called(owner: Document | None, known: Definitions | None, path: str) -> str:
    if owner is None or known is None:
        return path
    return _("%(noun)s '%(label)s'", noun=choices.noun(owner), label=choices.of_document(known, owner))
