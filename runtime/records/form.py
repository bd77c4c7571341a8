"""The form: raw input of any channel becomes clean values, field type by field type, or Invalid.

Built once per module and published version; marshmallow fields come from the field types.
"""
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from metadata.model.field import Field
from metadata.model.module import Module
from runtime.errors import Invalid
from runtime.locale.text import _
from runtime.tables.published import Published

LONGEST = 1_000_000


class Form:
    """entries: {path: (field, part, marshmallow field)} of everything a person may send; several: those that hold lists."""

    def __init__(self, published: Published, module: Module):
        self.module = module
        self.entries: dict[str, tuple[Field, str, ma.fields.Field]] = {}
        self.composite: frozenset[str]
        self.several: frozenset[str]
        composite, several = set(), set()
        for field in module.all_fields:
            kind = published.type(field)
            if (field.read_only and field.system) or not kind.writable:
                continue
            values = kind.values(field)
            if set(values) - {""}:
                composite.add(field.name)
            columns = kind.columns(field)
            for part, value in values.items():
                path = f"{field.name}.{part}" if part else field.name
                self.entries[path] = (field, part, value)
                if isinstance(columns.get(part), sa.ARRAY):
                    several.add(path)
        self.composite, self.several = frozenset(composite), frozenset(several)

    def flat(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """{"billing": {"city": …}} as {"billing.city": …}, null for a whole as null for each part; the rest as it came."""
        flat: dict[str, Any] = {}
        for name, value in given.items():
            if isinstance(value, Mapping) and name in self.composite:
                for part, inner in value.items():
                    flat[f"{name}.{part}" if part not in ("", "value") else name] = inner
            elif value is None and name in self.composite and name not in self.entries:
                flat |= {path: None for path, entry in self.entries.items() if entry[0].name == name}
            else:
                flat[name] = value
        return flat

    def load(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Flat raw input to clean values. Raises Invalid with a sentence per path; unknown paths are named."""
        clean: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for path, raw in given.items():
            entry = self.entries.get(path)
            if entry is None:
                errors[path] = [unknown(path)]
                continue
            if raw is None or raw == "":
                clean[path] = None
                continue
            if isinstance(raw, str):
                if "\x00" in raw or len(raw) > LONGEST:
                    errors[path] = [_("This text is too long or has a character that cannot be kept.")]
                    continue
                if raw.isspace():
                    clean[path] = None
                    continue
            try:
                value = entry[2].deserialize(raw)
            except ma.ValidationError as problem:
                errors[path] = sentences(problem)
            else:
                clean[path] = None if value == "" or value == [] else value
        if errors:
            raise Invalid(errors)
        return clean


def form_of(published: Published, module: Module) -> Form:
    return published.once(("form", module.name), lambda: Form(published, module))


def unknown(path: str) -> str:
    """One answer for a field that is not there and one the actor may not set."""
    return _("There is no field '{path}' here that you can use.").format(path=path)


def sentences(problem: ma.ValidationError) -> list[str]:
    """marshmallow's messages as a flat list of sentences."""
    found: list[str] = []

    def walk(messages: Any) -> None:
        if isinstance(messages, Mapping):
            for inner in messages.values():
                walk(inner)
        elif isinstance(messages, (list, tuple)):
            for inner in messages:
                walk(inner)
        else:
            found.append(str(messages))

    walk(problem.messages)
    return found or [str(problem)]
