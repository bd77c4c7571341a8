"""Money: the home currency, dated rates, and what an amount is worth at home.

house.setting 'home_currency' names the currency totals are in; without it HOME_CURRENCY of the environment, else USD.
house.rate (currency, from_date, rate): one unit of `currency` is worth `rate` units at home from that day on.
Both are read with each published version and before amounts are valued, and kept for a few seconds per process;
`forget()` makes the next question read again.
"""
import os
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from babel.core import get_global
from sqlalchemy.dialects.postgresql import insert

from runtime.db import setting
from runtime.locale.conventions import currencies, currency_sign, locale

HOME = "home_currency"
RATE = sa.Table("rate", sa.MetaData(schema="house"), sa.Column("currency", sa.Text, primary_key=True),
                sa.Column("from_date", sa.Date, primary_key=True), sa.Column("rate", sa.Numeric(30, 12)))


@dataclass(frozen=True)
class Rates:
    """home: ISO code; dated: {currency: (days, rates)} with the days ascending."""
    home: str
    dated: Mapping[str, tuple[tuple[date, ...], tuple[Decimal, ...]]]

    def rate(self, currency: str, on: date) -> Decimal | None:
        """What one unit is worth at home on a day; the first rate counts for the days before it. None = no rate."""
        if currency == self.home:
            return Decimal(1)
        days, rates = self.dated.get(currency, ((), ()))
        return rates[max(0, bisect_right(days, on) - 1)] if rates else None

    def home_value(self, amount: Decimal, currency: str | None, on: date) -> Decimal | None:
        """The amount in the home currency, rounded to its usual decimals; exact where it is in it already."""
        if currency is None or currency == self.home:
            return amount
        rate = self.rate(currency, on)
        if rate is None:
            return None
        digits = currency_sign("en", self.home)[2]
        return (amount * rate).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)

    def known(self) -> tuple[str, ...]:
        """The home currency, then every currency with a rate."""
        return (self.home, *sorted(set(self.dated) - {self.home}))


def rates(connection: Any, *, fresh: bool = False) -> Rates:
    """The home currency and all rates; connection: any open SQLAlchemy connection. fresh: whatever is kept."""
    return _remembered.asked(connection, fresh=fresh)


def kept() -> Rates:
    """The same for labels and defaults, without a connection at hand."""
    return _remembered.now()


def home_currency() -> str:
    return kept().home


def forget() -> None:
    _remembered.forget()


def set_home_currency(connection: Any, code: str) -> None:
    """Raises ValueError for an unknown code. Home values of existing records are not recalculated here."""
    if code not in currencies():
        raise ValueError(f"'{code}' is not a currency code.")
    setting.keep(connection, HOME, code)
    forget()


def set_rate(connection: Any, currency: str, from_date: date, rate: Decimal) -> None:
    """Raises ValueError for an unknown code or a rate of nothing."""
    if currency not in currencies() or rate <= 0:
        raise ValueError(f"'{currency}' at {rate} is not a rate.")
    given = insert(RATE).values(currency=currency, from_date=from_date, rate=rate)
    connection.execute(given.on_conflict_do_update(index_elements=["currency", "from_date"], set_={"rate": given.excluded.rate}))
    forget()


def remove_rate(connection: Any, currency: str, from_date: date) -> bool:
    """Whether there was one."""
    gone = connection.execute(sa.delete(RATE).where(RATE.c.currency == currency, RATE.c.from_date == from_date)).rowcount
    forget()
    return bool(gone)


@lru_cache(maxsize=16)
def names(language: str) -> Mapping[str, str]:
    """{code: name} of the currencies somebody pays with today, by code."""
    called = locale(language).currencies
    paid = {each[0] for told in get_global("territory_currencies").values() for each in told if each[3] and each[2] is None}
    return {code: called.get(code, code) for code in sorted(paid & currencies())}


def _read(connection: Any) -> Rates:
    home = setting.read(connection, HOME)
    dated: dict[str, tuple[list[date], list[Decimal]]] = {}
    for currency, day, rate in connection.execute(sa.select(RATE).order_by(RATE.c.currency, RATE.c.from_date)):
        days, values = dated.setdefault(currency, ([], []))
        days.append(day)
        values.append(rate)
    return Rates(home if home in currencies() else _by_default(),
                 {currency: (tuple(days), tuple(values)) for currency, (days, values) in dated.items()})


def _by_default() -> str:
    given = os.environ.get("HOME_CURRENCY", "USD").upper()
    return given if given in currencies() else "USD"


_remembered = setting.Remembered(_read, lambda: Rates(_by_default(), {}))
