"""Currency: an exact amount, the currency it is in, and its value in the home currency.

Parts: the amount ("amount"), its currency ("amount.currency") and what it was worth at home when it was saved
("amount.home"), which sums read. A changed amount is valued anew, at the rate of the day it is saved.
"""
from decimal import Decimal

import marshmallow as ma
import sqlalchemy as sa

from runtime.errors import Invalid
from runtime.fields import dirt, guesses, questions
from runtime.fields.settings import decimals, limit, schema
from runtime.fields.values import MOST_DECIMALS, Exact, refuse, shortened
from runtime.kinds.field_type import FieldType
from runtime.locale import conventions, money
from runtime.locale.text import _


class Currency(FieldType):
    name = "currency"
    label = "Currency"
    icon = "cash-banknote"
    shelf, rank = "basic", 6
    widget = "money"
    examples = (Decimal("0"), Decimal("48500"), Decimal("-12.5"), Decimal("2450000000"))
    operators = questions.ABOUT_NUMBERS
    measures = ("sum", "avg", "min", "max")
    measured_part = "home"
    speaks = "number"
    numeric = True
    derives = True
    settings_schema = schema(
        min=limit("Smallest amount", "Nothing below this may be entered."),
        max=limit("Largest amount", "Nothing above this may be entered."),
        decimals=decimals())

    def columns(self, field):
        return {"": sa.Numeric(), "currency": sa.String(3), "home": sa.Numeric()}

    def value(self, field):
        return Exact(least=field.settings.get("min"), most=field.settings.get("max"),
                     decimals=field.settings.get("decimals", MOST_DECIMALS))

    def values(self, field):
        return {"": self.value(field), "currency": Code()}

    def part_speaks(self, field, part):
        return "text" if part == "currency" else "number"

    def derive(self, tx, field, change):
        name = field.name
        amount, code = change.after.get(name), change.after.get(f"{name}.currency")
        if amount is None:
            change.after[f"{name}.currency"] = change.after[f"{name}.home"] = None
            return
        known = money.rates(tx.connection)
        if code is None:
            code = change.after[f"{name}.currency"] = known.home
        before = change.before.get(name), change.before.get(f"{name}.currency")
        if before == (amount, code) and change.before.get(f"{name}.home") is not None:
            return
        value = amount if code == known.home else known.home_value(amount, code, change.moment.today)
        if value is None:
            raise Invalid({name: [_("There is no exchange rate for %(currency)s. Choose another currency, or have one added.",
                                    currency=code)]})
        change.after[f"{name}.home"] = value

    def derive_all(self, tx, field, changes):
        """New amounts in the home currency, which most are, in one go."""
        home, others = money.rates(tx.connection).home, {}
        name, code, worth = field.name, f"{field.name}.currency", f"{field.name}.home"
        for at, change in changes.items():
            after = change.after
            if change.before or (amount := after.get(name)) is None or (after.get(code) or home) != home:
                others[at] = change
            else:
                after[code], after[worth] = home, amount
        return super().derive_all(tx, field, others) if others else {}

    def show(self, field, value, reader):
        if value is None:
            return ""
        if not isinstance(value, dict):
            return reader.money(value)
        amount = value.get("")
        return "" if amount is None else reader.money(amount, value.get("currency"))

    def from_json(self, field, part, value):
        return value if value is None or part == "currency" else Decimal(value)

    def parse_dirty(self, field, text, hints):
        return dirt.number(text, hints)

    def looks_like(self, column):
        return guesses.like(column, 0.94, lambda text: guesses.has_sign(text) and guesses.taken(self, text, column))


class Code(ma.fields.Field):
    """An ISO 4217 code."""

    def _deserialize(self, value, attr, data, **kwargs):
        code = str(value).strip().upper()
        if code not in conventions.currencies():
            raise refuse("'%(given)s' is not a currency code. Enter one such as USD or VND.", given=shortened(value))
        return code
