"""The shape of a document: its JSON Schema (2020-12), and what breaks it in plain sentences.

Only our own schema files are ever read: the registry refuses to fetch (safety D8, D30).
"""
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource

from metadata import names, quick
from metadata.errors import Problem
from metadata.model.document import Document, noun_name
from metadata.model.field import Field
from metadata.words import later, say

FOLDER = Path(__file__).parent / "schemas"

_KINDS = {str: later("text"), bool: later("yes or no"), int: later("a number"), float: later("a number"), list: later("a list"),
          dict: later("an object"), type(None): later("nothing")}
_ASKED = {"string": later("text"), "boolean": later("true or false"), "integer": later("a whole number"),
          "number": later("a number"), "array": later("a list"), "object": later("an object in braces"), "null": later("nothing")}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """{noun: JSON Schema}; also what the builder draws its forms from and the API serves."""
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}


def schema(noun: type[Document]) -> dict[str, Any]:
    return schemas()[noun_name(noun)]


def _no_fetching(uri: str) -> Resource:
    raise NoSuchResource(ref=uri)


@cache
def _registry() -> Registry:
    return Registry(retrieve=_no_fetching).with_resources(
        (f"{name}.json", Resource.from_contents(content)) for name, content in schemas().items())


class Validator:
    """A schema of ours (a noun's, or a kind's settings_schema), quick where all is well; fetches nothing."""

    def __init__(self, schema: Mapping[str, Any]):
        self.fits = quick.test(schema)
        self._slow = jsonschema.Draft202012Validator(schema, registry=_registry())

    def errors(self, document: Any) -> Iterable[jsonschema.ValidationError]:
        return () if self.fits(document) else self._slow.iter_errors(document)


@cache
def _validator(noun: str) -> Validator:
    """Fields are checked one by one (see `problems`), so the module's own schema takes any object for a field."""
    own = dict(schemas()[noun])
    if "$ref" in own["properties"].get("fields", {}).get("items", {}):
        own["properties"] = own["properties"] | {"fields": own["properties"]["fields"] | {"items": {"type": "object"}}}
    return Validator(own)


def problems(path: str, noun: type[Document], document: Any) -> list[Problem]:
    """What keeps a JSON object from being this noun; [] when nothing does."""
    found = [Problem(path + place(document, error.absolute_path), sentence(error))
             for error in _errors(_validator(noun_name(noun)), document)]
    if isinstance(document, dict):
        found += [Problem(f"{path}#{name}", message) for name, message in _names(noun, document)]
        if _is_listing(document.get("fields")) and "fields" in schema(noun)["properties"]:
            for position, field in enumerate(document["fields"]):
                where = f"{path}#fields.{field.get('name', position)}"
                found += [Problem(f"{where}{place(field, error.absolute_path).replace('#', '.')}", sentence(error))
                          for error in _errors(_validator("field"), field)]
                found += [Problem(f"{where}.{name}", message) for name, message in _names(Field, field)]
    return sorted(set(found), key=found.index)


def _is_listing(fields: Any) -> bool:
    return isinstance(fields, list) and all(isinstance(field, dict) for field in fields)


def _errors(validator: Validator, document: Any) -> Iterator[jsonschema.ValidationError]:
    for error in validator.errors(document):
        if error.validator in ("pattern", "maxLength") and error.schema.get("format") in ("api-name", "id"):
            continue
        yield error


def _names(noun: type[Document], document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The properties whose format is ours: api names, ids, labels."""
    for name, asked in _formats(noun):
        value = document.get(name)
        if not isinstance(value, str):
            continue
        message = (names.problem(value, noun_name(noun).replace("extension", "module")) if asked == "api-name"
                   else names.id_problem(value) if asked == "id" else names.label_problem(value))
        if message:
            yield name, message


@cache
def _formats(noun: type[Document]) -> tuple[tuple[str, str], ...]:
    return tuple((name, content["format"]) for name, content in schema(noun)["properties"].items()
                 if content.get("format") in ("api-name", "id", "label"))


def place(document: Any, steps: Any) -> str:
    """Where an error lies, by the names of listed nouns rather than by their number: "#sections.money.fields.2"."""
    shown = []
    for step in steps:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            document = None
        named = isinstance(step, int) and isinstance(document, dict) and isinstance(document.get("name"), str)
        shown.append(document["name"][:60] if named else str(step)[:60])
    return "#" + ".".join(shown) if shown else ""


def sentence(error: jsonschema.ValidationError) -> str:
    """A validation error as one sentence with the way out."""
    value, asked = error.instance, error.validator_value
    match error.validator:
        case "required":
            missing = next(name for name in asked if error.message.startswith(repr(name)))      # one error for each
            return say("'%(name)s' is missing.", name=missing)
        case "additionalProperties" if asked is False:
            known = error.schema.get("properties", {})
            extra = next(name for name in value if name not in known)
            return say("'%(name)s' is not known here. Known: %(known)s.", name=extra[:60], known=', '.join(known) or say("nothing"))
        case "type":
            wanted = f" {say('or')} ".join(say(_ASKED[name]) for name in ([asked] if isinstance(asked, str) else asked))
            return say("It must be %(wanted)s, not %(found)s.", wanted=wanted, found=say(_KINDS.get(type(value), "")))
        case "enum":
            return say("%(value)s is not one of: %(known)s.", value=_shown(value),
                       known=', '.join(str(choice) for choice in asked))
        case "const":
            return say("It must be %(value)s.", value=_shown(asked))
        case "minLength" | "minItems" | "minProperties":
            return say("It must not be empty.") if asked == 1 else say("It has %(count)s; at least %(asked)s are needed.",
                                                                  count=len(value), asked=asked)
        case "maxLength":
            return say("It has %(count)s characters; at most %(asked)s are possible.", count=len(value), asked=asked)
        case "maxItems" | "maxProperties":
            return say("It has %(count)s entries; at most %(asked)s are possible.", count=len(value), asked=asked)
        case "minimum" | "exclusiveMinimum":
            return say("%(value)s is too small; it starts at %(asked)s.", value=_shown(value), asked=asked)
        case "maximum" | "exclusiveMaximum":
            return say("%(value)s is too large; it ends at %(asked)s.", value=_shown(value), asked=asked)
        case "uniqueItems":
            return say("It names something twice. Keep one.")
        case "pattern":
            help = error.schema.get("description") or asked
            return say("%(value)s is not written as asked here (%(asked)s).", value=_shown(value), asked=say(help))
        case "anyOf" | "oneOf":
            return say("%(value)s fits none of the forms that are possible here.", value=_shown(value))
    return error.message[:200]


def _shown(value: Any) -> str:
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
