"""Places inside a definition in words: "related.0.columns.2" -> "Related lists › Columns"."""
from collections.abc import Iterable, Mapping
from typing import Any

import flask

from builder import change_details, choices
from metadata import shape
from metadata.definitions import Definitions
from metadata.errors import Problem
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.locale.text import _

DEPTH = 2
"""So many words say a place; deeper ones only say less."""

words = flask.Blueprint("place_words", __name__)


@words.app_template_global("places_in")
def places_in(document: Document, places: Iterable[str]) -> list[str]:
    """Each of them once, in the reader's language."""
    return list(dict.fromkeys(place(flask.g.definitions, document, each) for each in places))


def place(definitions: Definitions, document: Document, where: str) -> str:
    schema: Any = shape.schema(type(document))
    said: list[str] = []
    for step in where.split("."):
        properties = schema.get("properties", {})
        if step in properties:
            schema = _followed(properties[step])
            said.append(_(schema.get("title") or properties[step].get("title") or step))
        elif "items" in schema:
            schema = _followed(schema["items"])
            if isinstance(document, Module) and step in document.by_name:
                said = [choices.of_field(definitions, document, document.by_name[step])]
                break
        elif isinstance(schema.get("additionalProperties"), Mapping):
            schema = schema["additionalProperties"]
            said.append(step)
        else:
            break
    return " › ".join(said[:DEPTH]) or where


def of_merge(definitions: Definitions, document: Document, where: str) -> str:
    """Of a conflict: "fields.fld_size.label" -> "Size › Label"; with "the order" where only that differs; "" for the whole."""
    fields, (stem, _tilde, order) = getattr(document, "by_id", {}), where.partition("~")
    steps = [part for part in stem.split(".") if part]
    named = ".".join(fields[each].name if each in fields else each for each in steps)
    said = [place(definitions, document, named)] if named else []
    if len(steps) > 2 and steps[1] in fields:
        title = shape.schema(Field)["properties"].get(steps[2], {}).get("title")
        said.append(_(title or steps[2]))
    return " › ".join([*said, *([_("the order")] if order else [])])


def whole(definitions: Definitions, path: str) -> str:
    """A problem's path with all that leads to it: "views/deals.lost#columns.2" -> "Deals › view 'Lost' › Columns"."""
    at, _hash, where = path.partition("#")
    document = definitions.documents.get(at)
    if document is None:
        return path
    home = definitions.modules.get(getattr(document, "module", "") or "")
    own = choices.of_document(definitions, document)
    if not isinstance(document, Module):
        own = _("%(noun)s '%(label)s'", noun=change_details.noun(document), label=own)
    said = [choices.of_module(definitions, home)] if home else []
    said = [*said, own, *([place(definitions, document, where)] if where else [])]
    return " › ".join(each[:1].upper() + each[1:] if not number else each for number, each in enumerate(said))


def told(definitions: Definitions, problem: Problem) -> str:
    """A problem as one text: where, and what is wrong."""
    return f"{whole(definitions, problem.path)}: {problem.message}"


def _followed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a schema names instead of saying it."""
    name = str(schema.get("$ref", "")).removesuffix(".json")
    return {"title": schema.get("title")} | shape.schemas()[name] if name in shape.schemas() else schema
