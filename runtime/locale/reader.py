"""Reader: how numbers, money and dates look to one person, and how what they type is read.

en: 28 Nov 2026 · $48,500 · 2,450,000,000 ₫      vi: 28/11/2026 · 48.500 US$ · 2.450.000.000 ₫
A list page asks 400 times, so a reader is made once per (language, zone, currency) and holds plain strings.
A no-break space stands between a number and what follows it.
"""
import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from runtime.locale import conventions, money, text
from runtime.locale.text import _, counted, ngettext

Number = int | float | Decimal


@dataclass(frozen=True)
class Reader:
    """language: "en"; zone: IANA name; home_currency: ISO code amounts without a currency are in."""
    language: str = "en"
    zone: str = "UTC"
    home_currency: str = "USD"

    def __post_init__(self) -> None:
        ways = conventions.of(self.language)
        keep = object.__setattr__
        keep(self, "ways", ways)
        keep(self, "clock", zone(self.zone))
        keep(self, "_swap", None if (ways.group, ways.point) == (",", ".") else
             str.maketrans({",": ways.group, ".": ways.point}))

    # Numbers ---------------------------------------------------------------------------------------------------

    def number(self, value: Number) -> str:
        """A whole number, or a decimal with every digit it has."""
        return self._grouped(value, 0)

    def decimal(self, value: Number, decimals: int | None = None) -> str:
        """decimals: exactly so many digits after the point; without it as many as the value has."""
        if decimals is None:
            return self._grouped(value, 0)
        return self._point(f"{Decimal(str(value)):,.{decimals}f}")

    def percent(self, value: Number) -> str:
        """12.5 is 12.5%."""
        return f"{self._grouped(value, 0)}%"

    def money(self, amount: Number, currency: str | None = None) -> str:
        """The amount with its currency's sign; whole amounts without decimals."""
        code = currency or self.home_currency
        before, after, digits = conventions.currency_sign(self.language, code)
        written = self._grouped(amount, digits)
        if before and written.startswith("-"):
            return f"-{before}{written[1:]}{after}"
        return f"{before}{written}{after}"

    def sign(self, currency: str) -> str:
        """$ · ₫ · US$"""
        before, after, _digits = conventions.currency_sign(self.language, currency)
        return (before or after).strip(conventions.NBSP)

    def currencies(self) -> tuple[str, ...]:
        """What a form offers: the home currency first, then those with a rate."""
        return (self.home_currency, *(code for code in money.kept().known() if code != self.home_currency))

    def compact(self, amount: Number, currency: str | None = None) -> str:
        """2.45 bn ₫ · 2,45 tỷ ₫: for sums and boards, three figures that count."""
        size = abs(amount)
        for least, divisor, word in self.ways.scales:
            if size >= least:
                cut = Decimal(str(amount)) / divisor
                places = 2 if abs(cut) < 100 else 1
                written = f"{self._grouped(round(cut, places), 0)}{word}"
                break
        else:
            return self.money(amount, currency) if currency else self._grouped(round(Decimal(str(amount)), 2), 0)
        if not currency:
            return written
        before, after, _digits = conventions.currency_sign(self.language, currency)
        sign, written = ("-", written[1:]) if written.startswith("-") else ("", written)
        return f"{sign}{before}{written}{after}"

    def _grouped(self, value: Number, least: int) -> str:
        """Every digit, but no zeros at the end; at least `least` decimals where there are any."""
        if isinstance(value, int):
            written = f"{value:,}"
        else:
            written = f"{value if isinstance(value, Decimal) else Decimal(str(value)):,f}"
            if "." in written:
                written = written.rstrip("0")
                if written[-1] == ".":
                    written = written[:-1]
                elif least and (short := least - (len(written) - written.index(".") - 1)) > 0:
                    written += "0" * short
            if written == "-0":
                written = "0"
        return written if self._swap is None else written.translate(self._swap)

    def _point(self, written: str) -> str:
        return written if self._swap is None else written.translate(self._swap)

    # Dates -----------------------------------------------------------------------------------------------------

    def local(self, moment: dt.datetime) -> dt.datetime:
        """An aware moment on this person's clock."""
        return moment.astimezone(self.clock)

    def date(self, day: dt.date) -> str:
        """28 Nov 2026 · 28/11/2026"""
        return self.ways.date(day)

    def datetime(self, moment: dt.datetime) -> str:
        """28 Nov 2026, 14:30 · 28/11/2026 14:30, on this person's clock."""
        here = moment.astimezone(self.clock)
        return f"{self.ways.date(here)}{self.ways.between}{here.hour:02d}:{here.minute:02d}"

    def time(self, moment: dt.datetime) -> str:
        here = moment.astimezone(self.clock)
        return f"{here.hour:02d}:{here.minute:02d}"

    def day(self, moment: dt.date | dt.datetime, now: dt.datetime) -> str:
        """Without the year where it is this year: 28 Nov · 28/11."""
        here = moment.astimezone(self.clock) if isinstance(moment, dt.datetime) else moment
        return self.ways.day(here) if here.year == now.astimezone(self.clock).year else self.ways.date(here)

    def relative(self, moment: dt.datetime, now: dt.datetime) -> str:
        """"5 minutes ago", "in 3 days"; further away than a month the date itself."""
        seconds = (moment - now).total_seconds()
        ago, gap = seconds < 0, abs(seconds)
        if gap < 45:
            return _("just now")
        for length, limit, past, future in _STEPS:
            if gap < limit:
                n = max(1, round(gap / length))
                return ngettext(*(past if ago else future), n)
        return self.date(moment.astimezone(self.clock).date())

    # What a form shows in its controls -----------------------------------------------------------------------------

    def typed_number(self, value: Number) -> str:
        return self._grouped(value, 0)

    def typed_date(self, day: dt.date) -> str:
        """For <input type="date">."""
        return day.isoformat()

    def typed_datetime(self, moment: dt.datetime) -> str:
        """For <input type="datetime-local">, on this person's clock."""
        here = moment.astimezone(self.clock).replace(tzinfo=None)
        return here.isoformat(timespec="minutes" if not (here.second or here.microsecond) else "seconds")

    # What a person types -----------------------------------------------------------------------------------------

    def read_number(self, written: str) -> Decimal:
        """A plain number (1250.5), or one grouped the way this person writes. Raises ValueError."""
        given = re.sub(r"[\s'’]", "", written).replace("−", "-")
        sign = ""
        if given[:1] in ("-", "+"):
            sign, given = given[0].replace("+", ""), given[1:]
        group, point = self.ways.group.strip() or " ", self.ways.point
        if group in given:
            if grouped(group, point).fullmatch(given):
                given = given.replace(group, "").replace(point, ".")
        elif point != ".":
            given = given.replace(point, ".")
        if not _PLAIN.fullmatch(given):
            raise ValueError(written)
        try:
            return Decimal(sign + given)
        except InvalidOperation:
            raise ValueError(written) from None

    def read_date(self, written: str) -> dt.date:
        """ISO, or day first as this person writes (28/11/2026, 28 Nov 2026). Raises ValueError."""
        if len(written) == 10 and written[4] == "-":
            return dt.date.fromisoformat(written)
        if found := _NUMERIC_DATE.fullmatch(written.strip()):
            day, month, year = (int(part) for part in found.groups())
            return dt.date(year, month, day)
        if found := _WORDED_DATE.fullmatch(written.strip()):
            return dt.date(int(found[3]), self.ways.month(found[2]), int(found[1]))
        raise ValueError(written)

    def read_datetime(self, written: str) -> dt.datetime:
        """ISO with or without an offset, or this person's date and a time; UTC. Raises ValueError."""
        given = written.strip()
        try:
            moment = dt.datetime.fromisoformat(given)
        except ValueError:
            head, _space, tail = given.replace(",", " ").rpartition(" ")
            found = _TIME.fullmatch(tail)
            if not found:
                moment = dt.datetime.combine(self.read_date(given), dt.time())
            else:
                day = self.read_date(head.strip())
                hour, minute, second = (int(part or 0) for part in found.groups())
                moment = dt.datetime(day.year, day.month, day.day, hour, minute, second)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.clock)
        try:
            return moment.astimezone(dt.UTC)
        except OverflowError:
            raise ValueError(written) from None


_PLAIN = re.compile(r"[0-9]{1,40}(\.[0-9]{0,20})?|\.[0-9]{1,20}")
_NUMERIC_DATE = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")
_WORDED_DATE = re.compile(r"([0-9]{1,2})\s+([^\W\d]+)\.?,?\s+([0-9]{4})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_STEPS = (
    (60, 45 * 60, counted("%(n)s minute ago", "%(n)s minutes ago"), counted("in %(n)s minute", "in %(n)s minutes")),
    (3600, 22 * 3600, counted("%(n)s hour ago", "%(n)s hours ago"), counted("in %(n)s hour", "in %(n)s hours")),
    (86400, 30 * 86400, counted("%(n)s day ago", "%(n)s days ago"), counted("in %(n)s day", "in %(n)s days")),
)


@lru_cache(maxsize=8)
def grouped(group: str, point: str) -> re.Pattern[str]:
    """1,250,000.5: the first group without a leading zero, so that 0.125 stays a fraction everywhere."""
    return re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})+(?:{re.escape(point)}[0-9]*)?")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """A time zone by name; UTC where the name is unknown."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def reader(language: str = "en", zone: str = "UTC", home_currency: str | None = None) -> Reader:
    """The reader of these three, made once. home_currency: the house's own, where none is named."""
    return _made(language, zone, home_currency or money.home_currency())


_made = lru_cache(maxsize=1024)(Reader)
NEUTRAL = reader()
_current: ContextVar[Reader] = ContextVar("reader", default=NEUTRAL)


def use(who: Reader) -> Token[Reader]:
    """Read typed input and speak as this person does, for this request. Pages say so; the API stays neutral."""
    text.use(who.language)
    return _current.set(who)


@contextmanager
def reading_as(who: Reader) -> Iterator[None]:
    token = _current.set(who)
    try:
        with text.speaking(who.language):
            yield
    finally:
        _current.reset(token)


def current() -> Reader:
    """Whose way of writing numbers and dates typed input follows; neutral (en, UTC) where nobody said."""
    return _current.get()
