"""Shown: what templates are given: modules, fields and cells with labels in the reader's language."""
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from decimal import Decimal
from functools import cached_property
from typing import Any

from markupsafe import Markup

from metadata.model.field import Field
from metadata.model.module import Module
from runtime.kinds.field_type import FieldType
from runtime.locale import text
from runtime.records.people import PEOPLE
from runtime.tables import labels
from runtime.tables.published import Published
from runtime.values import Actor, Record


@dataclass(frozen=True)
class ShownModule:
    name: str
    label: str
    plural: str
    icon: str
    description: str
    stage_field: str | None
    name_field: str


@dataclass(frozen=True)
class ShownField:
    """A field as templates and widgets see it. name is the whole path ("account.industry"); kind: its field type."""
    name: str
    label: str
    type: str
    widget: str
    required: bool
    read_only: bool
    help: str
    placeholder: str
    settings: Mapping[str, Any]
    numeric: bool
    id_attr: str
    target: str | None
    choices: tuple[Mapping[str, Any], ...]
    field: Field = with_default(repr=False)
    kind: FieldType = with_default(repr=False)
    module: str = ""
    part: str = ""
    ruled: bool = False
    """A layout rule may do something to it; hidden, locked: what one does now."""
    hidden: bool = False
    locked: bool = False

    @property
    def operators(self) -> tuple[Any, ...]:
        return self.kind.asked(self.field, self.part)

    @property
    def path(self) -> str:
        return self.name

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The paths of flat values that this field's value and label follow from."""
        parts = ("",) if self.part or not self.kind.stored else self.kind.columns(self.field)
        return (*(f"{self.name}.{part}" if part else self.name for part in parts), f"{self.name}:label")

    def pick(self, values: Mapping[str, Any]) -> Any:
        """This field's value out of flat values, whatever hops lead to it."""
        if self.name == self.field.name:
            return self.kind.pick(self.field, values)
        if self.widget == "plain":
            return values.get(self.name)
        name, behind = self.field.name, len(self.name)
        return self.kind.pick(self.field, {name + path[behind:]: value for path, value in values.items()
                                           if path == self.name or path.startswith((f"{self.name}.", f"{self.name}:"))})


def module(now: Published, actor: Actor, definition: Module) -> ShownModule:
    def make() -> ShownModule:
        base = f"modules.{definition.name}"
        say = now.label
        return ShownModule(definition.name, say(f"{base}.label", actor.language, definition.label),
                           say(f"{base}.plural", actor.language, definition.plural), definition.icon,
                           say(f"{base}.description", actor.language, definition.description),
                           definition.stage_field, definition.name_field)
    return now.once(("shown module", definition.name, actor.language), make)


def field(now: Published, actor: Actor, definition: Module, path: str) -> ShownField:
    """path may hop: its label then says through what ("Account: Industry"). The caller has checked that it may be read."""
    def make() -> ShownField:
        with text.speaking(actor.language):
            return _field(now, actor, definition, path)
    return now.once(("shown field", definition.name, path, actor.language), make)


def _field(now: Published, actor: Actor, definition: Module, path: str) -> ShownField:
    steps, owner, names, part = path.split("."), definition, [], ""
    found: Field | None = None
    for at, name in enumerate(steps):
        found = owner.by_name[name]
        names.append(labels.of_field(owner, found))
        kind = now.type(found)
        rest = steps[at + 1:]
        if len(rest) == 1 and rest[0] in kind.columns(found):
            part = rest[0]
            names.append(labels.of_part(part))
            break
        if rest:
            target = kind.target(found)
            owner = PEOPLE if target == PEOPLE.name else now.module(target)
    kind = now.type(found)
    base = f"modules.{owner.name}.fields.{found.name}"
    choices = tuple({**choice, "label": now.label(f"{base}.choices.{choice['value']}", actor.language, choice["label"])}
                    for choice in kind.stages(found))
    settings = {**found.settings, "choices": choices} if choices else found.settings
    return ShownField(
        name=path, label=": ".join(names), type=found.type, widget="plain" if part else kind.widget, required=found.required,
        read_only=found.read_only or not kind.writable, help=now.label(f"{base}.help", actor.language, found.help),
        placeholder=now.label(f"{base}.placeholder", actor.language, found.placeholder), settings=settings,
        numeric=not part and kind.figures(found),
        id_attr="f-" + path.replace(".", "-"), target=kind.target(found), choices=choices, field=found, kind=kind,
        module=owner.name, part=part)


def label(now: Published, actor: Actor, owner: Module, found: Field) -> str:
    """A field's label in the actor's language."""
    with text.speaking(actor.language):
        return labels.of_field(owner, found)


def cell(shown: ShownField, values: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """One value for a widget's `show`: {"field", "value", "label", **base}; base holds the reader."""
    return {"field": shown, "value": shown.pick(values), "label": values.get(f"{shown.name}:label"), **base}


def title(definition: Module, record: Record) -> str:
    value = record.values.get(definition.name_field)
    return str(value) if value is not None else f"{labels.title(definition)} #{record.id}"


def plain(shown: ShownField, values: Mapping[str, Any], reader: Any) -> str:
    """The value as plain text: exports, history, titles."""
    value = shown.pick(values)
    if value is None:
        return ""
    label = values.get(f"{shown.name}:label")
    if label is not None:
        return str(label)
    if shown.choices:
        called = {choice["value"]: str(choice["label"]) for choice in shown.choices}
        return ", ".join(called.get(one, str(one)) for one in (value if isinstance(value, (list, tuple)) else (value,)))
    if shown.part:
        return reader.number(value) if isinstance(value, Decimal) else str(value)
    text = shown.kind.show(shown.field, value, reader)
    return str(Markup(text).striptags()) if isinstance(text, Markup) else str(text)


def total(shown: ShownField, value: Any, reader: Any) -> str:
    """A sum over many records as plain text; of money in the house's currency."""
    if value is None:
        return ""
    return reader.money(value) if shown.kind.measured_part else shown.kind.show(shown.field, value, reader)


def roles_of_columns(columns: Sequence[ShownField], definition: Module, summed: Collection[str] = ()) -> list[str]:
    """Where each column goes on a phone's row: the title, one value, one state, one more; the rest hides.

    The value is what the view sums up, else a figure, else a day; the one more is words before a coloured choice.
    """
    names = {column.name: column for column in columns}
    title = definition.name_field if definition.name_field in names else next(iter(names), None)
    free = [column for column in columns if column.name != title]
    state = next((column for column in free if column.name == definition.stage_field), None) or (
        None if definition.stage_field else next((column for column in free if column.choices), None))
    free = [column for column in free if column is not state]
    value = _first_of(free, lambda column: column.name in summed, lambda column: column.numeric,
                      lambda column: column.kind.speaks in ("date", "datetime"))
    meta = _first_of([column for column in free if column is not value and not column.numeric], lambda column: not column.choices,
                     lambda column: True)
    given = {column.name: role for column, role in ((state, "state"), (value, "value"), (meta, "meta")) if column is not None}
    return ["title" if column.name == title else given.get(column.name, "hide") for column in columns]


def _first_of(columns: Sequence[ShownField], *wanted: Callable[[ShownField], bool]) -> ShownField | None:
    """The first column that meets the first wish any of them meets."""
    return next((column for wish in wanted for column in columns if wish(column)), None)
