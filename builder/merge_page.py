"""Merge: a draft behind what is live is brought onto it; what both changed differently is told in sentences, and chosen."""
import json
from typing import Any

import flask
from flask import request

from builder import change_words, studio
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
    owner = next((each for side in sides for each in side.documents.values() if each.id == conflict.id), None)
    return {"key": conflict.key, "path": conflict.path, "place": place(conflict.place, owner),
            "what": _called(owner, conflict.path), "base": value(conflict.base), "ours": value(conflict.ours),
            "theirs": value(conflict.theirs)}


def place(place: str, owner: Document | None) -> str:
    """"fields.fld_size.label" -> "fields › Size › label"; "" for the whole."""
    fields = {field.id: field.label for field in getattr(owner, "fields", ()) if hasattr(field, "id")}
    stem, _tilde, order = place.partition("~")
    words = [fields.get(part, part.replace("_", " ")) for part in stem.split(".") if part]
    return " › ".join([*words, _("the order")] if order else words)


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


def _called(owner: Document | None, path: str) -> str:
    if owner is None:
        return path
    return _("%(noun)s '%(label)s'", noun=_(owner.noun.capitalize()), label=getattr(owner, "label", "") or owner.name)
