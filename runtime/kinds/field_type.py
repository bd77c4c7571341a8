"""The contract of a field type: storage, values in and out, questions it answers, how it shows itself.

A field is one column, or a few *parts* (currency: the amount, "currency", "home"; address: "street", "city", …).
A path names a value: "amount", "amount.currency", "billing.city". The main part's name is "".
In SQL a part's column is called field__part, the main part's column like the field.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import marshmallow as ma
import sqlalchemy as sa

from metadata.model.field import Field
from runtime.errors import RuntimeProblem
from runtime.kinds.example import Example, Likeness
from runtime.kinds.kind import Kind
from runtime.kinds.operator import ABOUT, Operator


@dataclass(frozen=True)
class RollUp:
    """What a roll-up sums: records of `module` whose lookup `field` points here and that meet `criteria`."""
    module: str
    field: str
    measure: str
    of: str | None = None
    criteria: Any = None


class FieldType(Kind):
    family = "field_types"

    widget: ClassVar[str] = "text"
    """Which runtime/fields/templates/widgets/<widget>.html draws it (macros input, show, filter)."""
    icon: ClassVar[str] = "rectangle"
    """Its picture where somebody chooses a type."""
    shelf: ClassVar[str] = "more"
    """Where the builder's palette offers it: basic, contact, choice, linked or more."""
    rank: ClassVar[int] = 100
    """Lower comes first on its shelf."""
    operators: ClassVar[tuple[Any, ...]] = ()
    """runtime.kinds.operator.Operator values a filter or rule may use."""
    measures: ClassVar[tuple[str, ...]] = ()
    """Aggregates that make sense besides count: "sum", "avg", "min", "max"."""
    measured_part: ClassVar[str] = ""
    """Which part an aggregate reads (currency: "home")."""
    buckets: ClassVar[tuple[str, ...]] = ()
    """How a group-by may cut it: dates offer "day", "week", "month", "quarter", "year"."""
    examples: ClassVar[tuple[Any, ...]] = ()
    """A few clean values: contract tests, the builder's preview, API docs, sample data."""
    speaks: ClassVar[str | None] = "text"
    """Its type in the expression language: text, number, boolean, date, datetime; None = cannot be named there."""
    settings_schema: ClassVar[dict[str, Any]] = {"type": "object", "additionalProperties": False}

    writable: ClassVar[bool] = True
    """False where the house alone sets the value (formula, roll-up, auto number)."""
    stored: ClassVar[bool] = True
    """False where there is no column and the value is an expression computed on read (formula)."""
    searchable: ClassVar[bool] = False
    """Its main part may be one of a module's search fields."""
    sortable: ClassVar[bool] = True
    groupable: ClassVar[bool] = True
    staged: ClassVar[bool] = False
    """A field of this type may be a module's stage field (its choices carry a stage meaning)."""
    numeric: ClassVar[bool] = False
    """Shown right-aligned in figures of one width."""

    def figures(self, field: Field) -> bool:
        """Whether this very field's values are figures; a formula of text is not, though most formulas are."""
        return self.numeric

    def column(self, field: Field) -> sa.types.TypeEngine:
        """SQL type of the main part. Types of several parts override `columns` instead."""
        raise NotImplementedError(f"{self.name} has no column")

    def columns(self, field: Field) -> Mapping[str, sa.types.TypeEngine]:
        """{part: SQL type}; "" is the main part. Empty where nothing is stored."""
        return {"": self.column(field)} if self.stored else {}

    def value(self, field: Field) -> ma.fields.Field:
        """The marshmallow field of the main part, both ways: raw input in (forms send text), JSON out.

        It takes what a form, an API client or a clean CSV cell sends. It raises ma.ValidationError with a sentence
        that says what to enter. Empty input ("" or None) never reaches it: the form turns it into None.
        """
        raise NotImplementedError(f"{self.name} has no value")

    def values(self, field: Field) -> Mapping[str, ma.fields.Field]:
        """{part: marshmallow field} of the parts a person may set. Read-only parts are left out."""
        return {"": self.value(field)}

    def asked(self, field: Field, part: str = "") -> tuple[Operator, ...]:
        """What may be asked of a field or of one of its parts; for a computed value that follows from what it speaks."""
        if part or not self.stored:
            return ABOUT.get(self.part_speaks(field, part) or "", ())
        return self.operators

    def part_speaks(self, field: Field, part: str) -> str | None:
        """The expression type of a part."""
        return self.speaks if part == "" else "text"

    def pick(self, field: Field, values: Mapping[str, Any]) -> Any:
        """This field's value out of a record's flat values: the main value, or {part: value} for several parts."""
        parts = self.columns(field)
        if len(parts) <= 1:
            return values.get(field.name)
        picked = {part: values.get(f"{field.name}.{part}" if part else field.name) for part in parts}
        return picked if any(value is not None for value in picked.values()) else None

    def show(self, field: Field, value: Any, reader: Any) -> str:
        """Plain text for people and exports; value as `pick` gives it; reader: runtime.locale.reader.Reader."""
        return "" if value is None else str(value)

    def to_json(self, field: Field, part: str, value: Any) -> Any:
        """A clean value as JSON: what the API sends and history keeps. Decimals stay Decimal (written exactly)."""
        return value

    def from_json(self, field: Field, part: str, value: Any) -> Any:
        """Back from history or an event to a clean value; the inverse of `to_json`."""
        return value

    def parse_dirty(self, field: Field, text: str, hints: Mapping[str, Any]) -> Any:
        """A cell of somebody's export ("$342.09K", "15 Apr, 2021 00:03:00") as raw input for `value`.

        hints: {"day_first": bool, "decimal": "." or ",", "zone": IANA name} guessed per column by the import.
        Raises ma.ValidationError with a sentence. Default: the text as it is.
        """
        return text

    def target(self, field: Field) -> str | None:
        """The module a reference points to ("users" for people); None for every other type."""
        return None

    def settings_problems(self, field: Field, definitions: Any) -> list[str]:
        """What a JSON Schema cannot say about the settings: target module exists, formula's types fit. Sentences."""
        least, most = field.settings.get("min"), field.settings.get("max")
        if least is not None and most is not None and least > most:
            return [f"The smallest value ({least}) is above the largest ({most}), so no value would do. Exchange them."]
        return []

    # Small contracts that only some types fulfil; the rest inherit "nothing to do".

    def looks_like(self, column: Example) -> Likeness | None:
        """How much a column of somebody's file looks like a field of this type; None: nobody would think so."""
        return None

    derives: ClassVar[bool] = False
    """True where `derive` sets values on every write (auto number: its number; currency: the home value)."""

    def derive(self, tx: Any, field: Field, change: Any) -> None:
        """Set this field's own paths in change.after before the guards run (runtime.values.Change)."""

    def derive_all(self, tx: Any, field: Field, changes: Mapping[int, Any]) -> dict[int, RuntimeProblem]:
        """The same for {place: change} of a batch; answers {place: problem}. Where most rows go one way it may be made short."""
        wrong: dict[int, RuntimeProblem] = {}
        for at, change in changes.items():
            try:
                self.derive(tx, field, change)
            except RuntimeProblem as problem:
                wrong[at] = problem
        return wrong

    def expression(self, field: Field) -> str | None:
        """The expression text of a value computed on read (formula); None for stored values."""
        return None

    def rolls_up(self, field: Field) -> Any:
        """runtime.kinds.field_type.RollUp of a value summed over children; None for every other type."""
        return None

    def watches(self, field: Field) -> str | None:
        """The field of the same record whose changes this value tells of (since); None for every other type."""
        return None

    def brief(self, field: Field) -> bool:
        """True where a column of unlimited text holds so little that an ordered index can hold it too."""
        return False

    def stages(self, field: Field) -> tuple[Mapping[str, Any], ...]:
        """The choices in order ({"value", "label", "color", "stage"?, "probability"?}) where the type has choices."""
        return ()

    def held(self, value: Any) -> tuple[str, ...]:
        """The choices in a stored value, where the type has choices."""
        return ()

    def moved(self, before: Field, after: Field) -> Mapping[str, str] | None:
        """{choice: the one that takes its place from now on}; None where every stored value stays as it is."""
        return None

    def exchanged(self, field: Field, value: Any, moves: Mapping[str, str]) -> Any:
        """A stored value after `moved`; where the type has choices."""
        return value

    def default_schema(self, field: Field) -> Mapping[str, Any]:
        """What the JSON Schema of a field's default says beyond its title, so that a form can ask for it: {"enum": […]}.

        "labels" ({value: words}) say what people read for the values of an enum.
        """
        return {}

    def initial(self, field: Field, moment: Any, actor: Any) -> Any:
        """The default of a new record as raw input, from field.default; types with special defaults (today, me) override."""
        return field.default
