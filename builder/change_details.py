"""What differs between two states of a definition, in the reader's words: property by property, as their schemas call them."""
from collections.abc import Mapping
from typing import Any

from metadata import shape
from metadata.model.document import Document
from metadata.model.module import Module
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, ngettext

MOST = 5
"""Entries of a list that are named; of longer ones the rest is counted."""
SHORT = 60


def noun(document: Document) -> str:
    """The noun's own word, inside a sentence; their schemas' titles are in the catalogue."""
    word = _(document.noun.capitalize())
    return word[:1].lower() + word[1:]


def differences(before: Document, after: Document) -> str:
    """"Required from no to yes, Settings (Choices)"."""
    olds, news, parts = before.to_json(), after.to_json(), []
    known = shape.schema(type(after))["properties"]
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        if old == new or (name == "fields" and isinstance(after, Module)):
            continue
        schema = known.get(name, {})
        word = _title(name, schema)
        if isinstance(old, Mapping) or isinstance(new, Mapping):
            parts.append(f"{word} ({_inside(old or {}, new or {}, _settings(name, schema, after))})")
        elif isinstance(old, list) or isinstance(new, list):
            unsaid = "default" in schema and schema["default"] is None and (old is None or new is None)
            parts.append(f"{word}{_unsaid(new) if unsaid else _listed(old or [], new or [])}")
        else:
            default = schema.get("default")
            parts.append(_("%(what)s from %(old)s to %(new)s", what=word, old=_value(default if old is None else old),
                           new=_value(default if new is None else new)))
    return ", ".join(parts) or _("the order of its fields")


def _title(name: str, schema: Mapping[str, Any]) -> str:
    return str(_(schema["title"])) if schema.get("title") else name.replace("_", " ")


def _settings(name: str, schema: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    """The properties of what differs inside: the schema's own, or those its kind asks for."""
    if name == "settings" and (type_ := getattr(document, "type", "")) and catalogue().has("field_types", type_):
        schema = catalogue().get("field_types", type_).settings_schema
    return schema.get("properties", {})


def _inside(old: Mapping[str, Any], new: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    changed = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    told = [_title(key, known.get(key, {})) for key in changed[:MOST]]
    left = len(changed) - len(told)
    return ", ".join([*told, *([ngettext("%(n)s more", "%(n)s more", left, n=left)] if left else [])])


def _listed(old: list[Any], new: list[Any]) -> str:
    if not all(isinstance(item, str) for item in old + new):
        return ""
    added, gone = [item for item in new if item not in old], [item for item in old if item not in new]
    told = ([_("with %(what)s", what=", ".join(added[:MOST]))] if added else []) + (
        [_("without %(what)s", what=", ".join(gone[:MOST]))] if gone else [])
    return f" ({'; '.join(told) or _('in another order')})"


def _unsaid(new: list[Any] | None) -> str:
    """Of a list that means all when it is not said."""
    said = _("all of them") if new is None else _("only %(what)s", what=", ".join(map(str, new[:MOST]))) if new else _("none")
    return f" ({said})"


def _value(value: Any) -> str:
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"'{str(value)[:SHORT]}'"
