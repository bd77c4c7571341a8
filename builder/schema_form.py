"""Forms drawn from JSON Schemas: of the nouns (metadata/schemas) and of the kinds' settings.

`inputs` makes what the macro of builder/parts/schema_form.html draws; `read` takes the posted form back. A control is
called by its place in the document ("settings.choices.0.label"). The schema's types and formats choose the widget.
"""
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from builder import choices, criteria_editor, named_records, schema_maps
from builder.choices import KINDS
from builder.schema_reading import anything, pressed, read
from builder.schema_widgets import UNSHOWN, home, settings_of, types, widget
from metadata.definitions import Definitions
from metadata.model.module import Module
from metadata.words import say
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.web import json

__all__ = ["Input", "Row", "inputs", "left", "placed", "pressed", "read"]

TITLES = ("label", "name", "key", "field", "step", "expect", "action", "value", "module")
"""What a row is called by, the first it has."""


@dataclass(frozen=True)
class Row:
    """One object of a listed property. number: its place when it was drawn; title: what it is called so far."""
    number: int
    title: str
    inputs: "tuple[Input, ...]"
    tone: str = ""
    """Its colour, where it has one."""

    @property
    def open(self) -> bool:
        """Nothing is said yet, or something in it is wrong."""
        return not self.title or any(each.errors for each in _all(self.inputs))


@dataclass(frozen=True)
class Input:
    """One control, or a group or list of them. options: [(heading, [(value, label)])] of a select."""
    kind: str
    name: str
    label: str
    help: str = ""
    value: Any = None
    required: bool = False
    errors: tuple[str, ...] = ()
    options: choices.Grouped = ()
    inputs: "tuple[Input, ...]" = ()
    rows: tuple[Row, ...] = ()
    most: int | None = None
    least: Any = None
    largest: Any = None
    whole: bool = False
    redraw: bool = False
    """Choosing another value changes what else is asked, so the form is drawn again."""
    module: str = ""
    editor: Any = None

    @property
    def id(self) -> str:
        return "s-" + re.sub(r"[^a-z0-9_-]", "-", self.name.lower())


def inputs(schema: Mapping[str, Any], value: Mapping[str, Any] | None, *, draft: Any, module: Module | None,
           errors: Mapping[str, Sequence[str]] = {}, only: Sequence[str] = (), prefix: str = "",
           around: tuple[Any, ...] = ()) -> list[Input]:
    """The controls of an object. draft: a Draft or Definitions; module: whose fields are meant where `in` says nothing.

    errors: {place: sentences}, by the same names as the controls. only: these properties, in this order; else all but the id.
    around: the objects this one lies in, where its settings look further out.
    """
    definitions = draft if isinstance(draft, Definitions) else draft.definitions
    return list(_Drawing(definitions, module, placed(errors)).object(schema, value or {}, prefix, around, only))


def placed(errors: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What is missing is said beside the control that lacks it, not beside what surrounds that."""
    found: dict[str, list[str]] = {}
    lacking = re.escape(say("'%(name)s' is missing.", name="NAME")).replace("NAME", "([a-z_]+)")    # as metadata.shape says it
    for place, sentences in errors.items():
        for sentence in sentences:
            missing = re.fullmatch(lacking, sentence)
            at, said = (".".join(filter(None, (place, missing[1]))), _("Fill this in.")) if missing else (place, sentence)
            found.setdefault(at, []).append(said)
    return found


def left(drawn: Sequence[Input], errors: Mapping[str, Sequence[str]]) -> list[str]:
    """What is wrong and stands beside none of these controls."""
    shown = {sentence for each in _all(drawn) for sentence in each.errors}
    return [sentence for sentences in placed(errors).values() for sentence in sentences if sentence not in shown]


def _all(drawn: Sequence[Input]) -> list[Input]:
    return [each for one in drawn for each in (one, *_all(one.inputs), *(inner for row in one.rows for inner in _all(row.inputs)))]


class _Drawing:
    def __init__(self, definitions: Definitions, module: Module | None, errors: Mapping[str, Sequence[str]]):
        self.definitions, self.module, self.errors = definitions, module, errors
        self._paths: dict[str, choices.Grouped] = {}

    def object(self, schema: Mapping[str, Any], value: Mapping[str, Any], prefix: str, around: tuple[Any, ...],
               only: Sequence[str] = ()) -> tuple[Input, ...]:
        known, within = schema.get("properties", {}), (*around, value)
        leading = {each[by].lstrip("^@") for each in _inner(schema) for by in ("in", "of") if isinstance(each.get(by), str)}
        found = []
        for name in only or known:
            each = known[name]
            if isinstance(each, Mapping) and each.get("format") in UNSHOWN:
                continue
            if widget(name, each) == "settings":
                each = settings_of(value, schema) or each
                if not each.get("properties") and not value.get(name):
                    continue
            found.append(self.input(name, each, value.get(name, each.get("default") if isinstance(each, Mapping) else None),
                                    prefix, within, name in schema.get("required", ()), name in leading
                                    or (name == schema_maps.KEY and schema.get("records") == "named"),
                                    schema.get("records") if name == schema_maps.VALUE else None))
        return tuple(found)

    def input(self, name: str, schema: Mapping[str, Any], value: Any, prefix: str, around: tuple[Any, ...], required: bool,
              leading: bool, records: str | None = None) -> Input:
        """records: "named" where this is the value of a field in a scenario."""
        place, kind = f"{prefix}{name}", widget(name, schema)
        kind = "json" if kind == "settings" else kind
        format = schema.get("format")
        given: dict[str, Any] = {
            "name": place, "label": _(schema.get("title") or name.replace("_", " ").capitalize()),
            "help": _(schema["description"]) if schema.get("description") else "", "required": required, "value": value,
            "errors": tuple(self.errors.get(place, ())), "most": schema.get("maxLength"), "least": schema.get("minimum"),
            "largest": schema.get("maximum"), "whole": "integer" in types(schema), "redraw": leading or format in KINDS}
        where = home(self.definitions, self.module, schema, around)
        if options := self.named(schema, records, value, place, around) or self.few(schema, where, value, around):
            kind, given["options"], given["value"] = "select", options, named_records.written(value)
        elif kind in ("select", "colour"):
            given["options"] = self.offered(schema, where, value)
        elif kind == "criteria":
            given |= self.criteria(place, value, where)
            kind = "criteria" if where else "hint"
        elif kind == "expression":
            given["module"] = where.name if where else ""
        elif kind == "names":
            given |= self.names(schema["items"], value, around)
        elif kind == "checks":
            given |= {"options": (("", self.ticked(schema["items"], where, value, around)),), "value": value or ()}
        elif kind == "lines":
            given["value"] = "\n".join(value or ())
        elif kind == "rows":
            given["rows"] = tuple(self.row(schema["items"], each, place, number, around) for number, each in enumerate(value or ()))
            given["largest"] = schema.get("maxItems")
        elif kind == "map":
            kind = "rows"
            given["rows"] = tuple(self.row(schema_maps.items(schema), each, place, number, around)
                                  for number, each in enumerate(schema_maps.rows(schema, value)))
            given["largest"] = schema.get("maxProperties")
        elif kind == "group":
            asked = schema if required or value else {**schema, "required": ()}     # nothing of it has to be there
            given["inputs"] = self.object(asked, value or {}, f"{place}.", around)
        elif kind == "any":
            given["value"] = anything(value)
        elif kind == "json":
            given["value"] = value if isinstance(value, str) else json.dumps(value).decode() if value else ""
        return Input(kind, **given)

    def row(self, schema: Mapping[str, Any], value: Any, place: str, number: int, around: tuple[Any, ...]) -> Row:
        value = value if isinstance(value, Mapping) else {}
        title = next((self.told(schema, value, name, around) for name in TITLES if value.get(name)), "")
        if "key" in value and (other := next((name for name in ("path", "value") if value.get(name)), "")):
            title += f" → {self.told(schema, value, other, around)}"
        elif "key" in value:
            title += "".join(f": {_(each['title'])}" for name, each in schema["properties"].items() if value.get(name) is True)
        named = value.get("name") or value.get("key")
        mine = {f"{place}.{number}.{at.removeprefix(f'{place}.{named}.')}": sentences for at, sentences in self.errors.items()
                if named and at.startswith(f"{place}.{named}.")}
        drawing = _Drawing(self.definitions, self.module, {**self.errors, **mine}) if mine else self
        return Row(number, title, drawing.object(schema, value, f"{place}.{number}.", around), str(value.get("color") or ""))

    def told(self, schema: Mapping[str, Any], row: Mapping[str, Any], name: str, around: tuple[Any, ...]) -> str:
        """What a row is called by one of its properties: a reference by the label of what it names."""
        value, known = anything(row[name]), schema.get("properties", {}).get(name, {})
        format = known.get("format")
        if format in ("field-name", "path"):
            return choices.path_label(self.definitions, home(self.definitions, self.module, known, (*around, row)), value)
        if format == "module-name":
            module = self.definitions.modules.get(value)
            return choices.of_module(self.definitions, module) if module else value
        return dict(choices.kinds(KINDS[format])).get(value, value) if format in KINDS else value

    def offered(self, schema: Mapping[str, Any], where: Module | None, value: Any) -> choices.Grouped:
        """What a select offers; a value that is not among it is offered all the same, as it stands."""
        format, found = schema.get("format"), ()
        if format == "module-name":
            found = (("", choices.modules(self.definitions)),)
        elif format == "field-name":
            found = (("", choices.fields(self.definitions, where)),) if where else ()
        elif format == "path":
            found = self.paths(where) if where else ()
        elif format == "button-name":
            found = (("", choices.buttons(self.definitions, where)),) if where else ()
        elif format == "role-id":
            found = (("", choices.roles(self.definitions)),)
        elif format in KINDS:
            found = (("", choices.kinds(KINDS[format])),)
        else:
            found = (("", tuple((each, choices.worded(each)) for each in schema.get("enum", ()))),)
        known = {each for _heading, group in found for each, _label in group}
        return (*found, ("", ((str(value), str(value)),))) if value and value not in known else found

    def named(self, schema: Mapping[str, Any], records: str | None, value: Any, place: str,
              around: tuple[Any, ...]) -> choices.Grouped:
        """What a scenario's value, or its name of a record, is chosen from; () where it is written."""
        found: choices.Grouped = ()
        if records:
            where, path = self.definitions.module(str(around[-2].get("module") or "")), around[-1].get(schema_maps.KEY)
            found = named_records.said(self.definitions, where, path, around[0], place) if where and path else ()
        elif schema.get("records") and types(schema) == ("string",):
            known = named_records.records(self.definitions, around[0], place, str(around[-1].get("module") or ""))
            found = (("", known),) if known else ()
        return _with(found, value)

    def few(self, schema: Mapping[str, Any], where: Module | None, value: Any, around: tuple[Any, ...]) -> choices.Grouped:
        """What a value is chosen from whose field, named beside it (`of`), knows but a few; () where it is written."""
        field = where.field(str(around[-1].get(schema["of"]) or "")) if where and "of" in schema and not types(schema) else None
        known = field is not None and catalogue().has("field_types", field.type)
        return _with(named_records.few(self.definitions, where, field), value) if where and field and known else ()

    def paths(self, where: Module) -> choices.Grouped:
        """Once for each module: a form may ask for them at many places."""
        if where.id not in self._paths:
            self._paths[where.id] = choices.paths(self.definitions, where)
        return self._paths[where.id]

    def ticked(self, schema: Mapping[str, Any], where: Module | None, value: Any, around: tuple[Any, ...]) -> choices.Offered:
        """What can be ticked: of an enumeration, or the choices of the field that the property named by `of` names."""
        if "enum" in schema:
            return tuple((each, choices.worded(each)) for each in schema["enum"])
        field = where.field(str((around[-1] if around else {}).get(schema.get("of", ""), ""))) if where else None
        known = choices.of_picklist(self.definitions, where, field) if where and field else ()
        return (*known, *((each, each) for each in value or () if each not in dict(known)))

    def names(self, schema: Mapping[str, Any], value: Any, around: tuple[Any, ...]) -> dict[str, Any]:
        """Chosen ones in their order, and what can be added."""
        where = home(self.definitions, self.module, schema, around)
        offered = self.offered(schema, where, None)
        labels = {each: f"{heading}: {label}" if heading else label for heading, group in offered for each, label in group}
        rest = tuple((heading, tuple(each for each in group if each[0] not in (value or ()))) for heading, group in offered)
        return {"value": tuple((each, labels.get(each) or choices.path_label(self.definitions, where, str(each)))
                               for each in value or ()), "options": rest}

    def criteria(self, place: str, value: Any, where: Module | None) -> dict[str, Any]:
        if where is None:
            return {"value": _("Choose the module first.")}
        return {"editor": criteria_editor.editor(self.definitions, where, value, name=place, errors=self.errors.get(place, ()))}


def _with(found: choices.Grouped, value: Any) -> choices.Grouped:
    """A value that is not among what is offered is offered all the same, as it stands."""
    text, known = named_records.written(value), {each for _heading, group in found for each, _label in group}
    return (*found, ("", ((text, text),))) if found and text and text not in known else found


def _inner(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every property of this object that may name one beside it, also inside listed and grouped ones."""
    found = []
    for each in schema.get("properties", {}).values():
        if isinstance(each, Mapping):
            found.append(each)
            items = each.get("items")
            for inner in (each, items if isinstance(items, Mapping) else {}):
                found += _inner(inner)
            found += [items] if isinstance(items, Mapping) else []
    return found


