"""What differs between two states of a definition, in the reader's words: property by property, as their schemas call them."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder import choices
from metadata import shape
from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, ngettext

MOST = 5
"""Entries of a list that are named; of longer ones the rest is counted."""
SHORT = 60


@dataclass(frozen=True)
class Names:
    """What the names in a definition of a module are called in the reader's language; before: of what is not there any more."""
    known: Definitions
    home: Module | None = None
    before: Definitions | None = None

    def said(self, schema: Mapping[str, Any], value: Any) -> str:
        """The label of what a value names, where its schema says that it names something; else the value."""
        way = _NAMED.get(str(schema.get("format", "")))
        if way is not None and isinstance(value, str):
            told = way(self.known, self.home, value)
            return way(self.before, self.before.modules.get(self.home.name if self.home else "") or self.home, value) \
                if told == value and self.before is not None else told
        return choices.worded(value) if value in schema.get("enum", ()) else str(value)


def _one_of(offered: choices.Offered, value: str) -> str:
    return dict(offered).get(value, value)


_NAMED = {
    "path": lambda known, home, value: choices.path_label(known, home, value),
    "field-name": lambda known, home, value: choices.path_label(known, home, value),
    "module-name": lambda known, _home, value: _one_of(choices.modules(known), value),
    "role-id": lambda known, _home, value: _one_of(choices.roles(known), value),
    "button-name": lambda known, home, value: _one_of(choices.buttons(known, home), value) if home else value}


def noun(document: Document) -> str:
    """The noun's own word, inside a sentence; their schemas' titles are in the catalogue."""
    return word(document.noun)


def word(noun: str) -> str:
    said = choices.noun_of(noun)
    return said[:1].lower() + said[1:]


def differences(before: Document | Field, after: Document | Field, names: Names) -> str:
    """"Required from no to yes, Columns (without Next step)"."""
    olds, news, parts = before.to_json(), after.to_json(), []
    known = shape.schema(type(after))["properties"]
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        if old == new or (name == "fields" and isinstance(after, Module)):
            continue
        schema = known.get(name, {})
        word = _title(name, schema)
        if schema.get("format") == "criteria":
            parts.append(_("%(what)s (another condition)", what=word))
        elif isinstance(old, Mapping) or isinstance(new, Mapping):
            parts.append(f"{word} ({_inside(old or {}, new or {}, _settings(name, schema, after))})")
        elif isinstance(old, list) or isinstance(new, list):
            inner = schema.get("items", {})
            unsaid = "default" in schema and schema["default"] is None and (old is None or new is None)
            parts.append(f"{word}{_unsaid(new, inner, names) if unsaid else _listed(old or [], new or [], inner, names)}")
        else:
            was, now = (_value(schema.get("default") if each is None else each, schema, names) for each in (old, new))
            parts.append(_("%(what)s from %(old)s to %(new)s", what=word, old=was, new=now))
    return ", ".join(parts) or _("the order of its fields")


def _title(name: str, schema: Mapping[str, Any]) -> str:
    return str(_(schema["title"])) if schema.get("title") else name.replace("_", " ")


def _settings(name: str, schema: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    """The properties of what differs inside: the schema's own, or those its kind asks for."""
    for family, kind in (("field_types", getattr(document, "type", "")), ("view_kinds", getattr(document, "kind", ""))):
        if name == "settings" and kind and catalogue().has(family, kind):
            schema = catalogue().get(family, kind).settings_schema
    return schema.get("properties", {})


def _inside(old: Mapping[str, Any], new: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """By the titles of its properties; of free keys (the words of a translation, the modules of a role) how many."""
    changed = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    if not known:
        return ngettext("%(n)s entry", "%(n)s entries", len(changed), n=len(changed))
    told = [_title(key, known.get(key, {})) for key in changed[:MOST]]
    left = len(changed) - len(told)
    return ", ".join([*told, *([ngettext("%(n)s more", "%(n)s more", left, n=left)] if left else [])])


def _listed(old: list[Any], new: list[Any], schema: Mapping[str, Any], names: Names) -> str:
    if not all(isinstance(item, str) for item in old + new):
        return ""
    added, gone = [item for item in new if item not in old], [item for item in old if item not in new]
    told = ([_("with %(what)s", what=_few(added, schema, names))] if added else []) + (
        [_("without %(what)s", what=_few(gone, schema, names))] if gone else [])
    return f" ({'; '.join(told) or _('in another order')})"


def _unsaid(new: list[Any] | None, schema: Mapping[str, Any], names: Names) -> str:
    """Of a list that means all when it is not said."""
    said = _("all of them") if new is None else _("only %(what)s", what=_few(new, schema, names)) if new else _("none")
    return f" ({said})"


def _few(listed: list[Any], schema: Mapping[str, Any], names: Names) -> str:
    """The first of them by name, and how many more."""
    left = len(listed) - MOST
    return ", ".join([*(names.said(schema, each) for each in listed[:MOST]),
                      *([ngettext("%(n)s more", "%(n)s more", left, n=left)] if left > 0 else [])])


def _value(value: Any, schema: Mapping[str, Any], names: Names) -> str:
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"'{names.said(schema, value)[:SHORT]}'"
