"""Typed expressions and rows at random, for comparing the two faces: everything the language has, edges preferred."""
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from metadata.expression.functions import FUNCTIONS, Like, OneOf
from metadata.expression.tree import And, Call, Compare, In, Join, Literal, Negative, Not, Or, Path, Product, Sum
from metadata.expression.types import Type

TEXT, NUMBER, BOOLEAN, DATE, DATETIME, LIST = (Type.TEXT, Type.NUMBER, Type.BOOLEAN, Type.DATE, Type.DATETIME, Type.LIST)
PLAIN = (TEXT, NUMBER, BOOLEAN, DATE, DATETIME)

FIELDS = {
    ("amount",): NUMBER, ("price",): NUMBER, ("score",): NUMBER, ("small",): NUMBER,
    ("name",): TEXT, ("note",): TEXT, ("account", "name"): TEXT,
    ("active",): BOOLEAN, ("won",): BOOLEAN,
    ("close",): DATE, ("start",): DATE, ("made",): DATETIME, ("seen",): DATETIME, ("tags",): LIST,
}
ZONES = ("UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Europe/Berlin")
_LETTERS = "aàAÀeEéÉđĐẾếßİıΣσςǅŉﬁ %_\\'\"-/.0179\t\n 😀漢"
_WORDS = ("Proposal", "proposal", "VN", "ĐẶNG Văn", "a", "12.50", " 7 ", "-0.5", "1e5", "a/b/c", "50%", "x_y", "ᾳ ᾼ", "２")
_NUMBERS = ("0", "1", "-1", "2", "3", "7", "10", "0.5", "0.1", "100", "12", "1000", "0.0000000001", "2.345", "99999.995",
            "9999999999999999999999999999.9999999999", "1234567890123456789012345678", "3.3333333333")
_DAYS = (date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(1900, 3, 1),
         date(2000, 12, 31), date(2026, 3, 5))


def text(random: Random) -> str:
    if random.random() < 0.4:
        return random.choice(_WORDS)
    return "".join(random.choice(_LETTERS) for _ in range(random.randint(1, 8)))


def number(random: Random) -> Decimal:
    kind = random.random()
    if kind < 0.5:
        return Decimal(random.choice(_NUMBERS))
    if kind < 0.8:
        return Decimal(random.randint(0, 120))
    return Decimal(random.randint(0, 10**random.randint(1, 20))).scaleb(-random.randint(0, 10))


def day(random: Random) -> date:
    if random.random() < 0.4:
        return random.choice(_DAYS)
    if random.random() < 0.8:
        return date(2024, 1, 1) + timedelta(days=random.randint(-800, 800))
    return date.fromordinal(random.randint(1, date.max.toordinal()))


def instant(random: Random) -> datetime:
    if random.random() < 0.1:
        return random.choice((datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)))
    moment = datetime.combine(day(random), datetime.min.time(), UTC)
    later = random.choice((0, 1, 3_600_000_000, 86_399_999_999, random.randint(0, 86_399_999_999)))
    return moment + timedelta(microseconds=later) if moment.date() < date.max else moment


_VALUES = {TEXT: text, DATE: day, DATETIME: instant, BOOLEAN: lambda random: random.random() < 0.5,
           NUMBER: lambda random: number(random).copy_negate() if random.random() < 0.25 else number(random)}


def row(random: Random) -> dict:
    """Values by dotted path; about a fifth of them blank."""
    def value(name, kind):
        if random.random() < 0.2:
            return None
        if name == "score":
            return random.choice((0, 1, -1, 49, 50, 2**62, -(2**62), random.randint(-100, 100)))
        if name == "small":
            return random.choice((0, 1, 2, 12, 2**31 - 1, -(2**31), random.randint(-40, 40)))
        if kind is NUMBER and random.random() < 0.05:
            return Decimal(random.choice(("0.00000000005", "0.00000000015", "-0.000000000049999", "12345.678901234567")))
        if kind is LIST:
            return [text(random) for _ in range(random.randint(1, 3))]
        return _VALUES[kind](random)
    return {".".join(path): value(".".join(path), kind) for path, kind in FIELDS.items()}


class Expressions:
    """expression(type, depth): a tree of that type."""

    def __init__(self, random: Random):
        self.random = random

    def any(self, depth: int):
        return self.of(self.random.choice((*PLAIN, BOOLEAN, NUMBER)), depth)

    def of(self, kind: Type, depth: int):
        chance = self.random.random()
        if depth <= 0 or chance < 0.1:
            return self.leaf(kind)
        if chance < 0.55:
            called = self.call(kind, depth)
            if called is not None:
                return called
        return self.built(kind, depth)

    def leaf(self, kind: Type):
        chance = self.random.random()
        if chance < 0.04 and kind is not DATE and kind is not DATETIME:
            return Literal(None)
        if chance < 0.65 or kind is DATETIME:
            return Path(self.random.choice([path for path, found in FIELDS.items() if found is kind]))
        if kind is DATE:
            found = day(self.random)
            return Call("DATE", (Literal(Decimal(found.year)), Literal(Decimal(found.month)), Literal(Decimal(found.day))))
        return Literal(_VALUES[kind](self.random))

    def known(self, kind: Type, depth: int):
        """The same without a bare NULL, which comparisons refuse."""
        found = self.of(kind, depth)
        return self.known(kind, depth) if isinstance(found, Literal) and found.value in (None, "") else found

    def built(self, kind: Type, depth: int):
        random, less = self.random, depth - 1
        if kind is NUMBER:
            form = random.randint(0, 4)
            if form == 0:
                return Negative(self.of(NUMBER, less))
            if form == 1 and random.random() < 0.4:
                return Sum(self.of(DATE, less), (("-", self.of(DATE, less)),))
            if form <= 2:
                return Sum(self.of(NUMBER, less), tuple((random.choice("+-"), self.of(NUMBER, less))
                                                        for _ in range(random.randint(1, 3))))
            return Product(random.choice("*/%"), self.of(NUMBER, less), self.of(NUMBER, less))
        if kind is TEXT:
            return Join(tuple(self.of(random.choice((TEXT, TEXT, NUMBER, DATE, BOOLEAN)), less)
                              for _ in range(random.randint(2, 3))))
        if kind is DATE:
            return Sum(self.known(DATE, less), ((random.choice("+-"), self.of(NUMBER, less)),))
        if kind is BOOLEAN:
            return self.condition(less)
        return self.leaf(kind)

    def condition(self, less: int):
        random = self.random
        form = random.randint(0, 6)
        if form == 0:
            return Not(self.of(BOOLEAN, less))
        if form == 1:
            return And(tuple(self.of(BOOLEAN, less) for _ in range(random.randint(2, 3))))
        if form == 2:
            return Or(tuple(self.of(BOOLEAN, less) for _ in range(random.randint(2, 3))))
        kind = random.choice(PLAIN)
        if form == 3:
            if random.random() < 0.2:
                return In(self.known(TEXT, less), Path(("tags",)))
            literals = random.random() < 0.5 and kind in (TEXT, NUMBER)
            options = tuple(Literal(_VALUES[kind](random)) if literals else self.known(kind, less)
                            for _ in range(random.randint(1, 3)))
            return In(self.known(kind, less), options)
        sign = random.choice(("==", "!=") if kind is BOOLEAN else ("==", "!=", "<", "<=", ">", ">="))
        return Compare(sign, self.known(kind, less), self.known(kind, less))

    def call(self, kind: Type, depth: int):
        random = self.random
        fitting = [found for found in FUNCTIONS.values()
                   if found.gives is kind or (isinstance(found.gives, Like) and kind in found.gives.among)]
        if not fitting:
            return None
        function = random.choice(fitting)
        counts = [count for count in range(6) if function.parameters(count) is not None]
        same = {function.gives.name: kind} if isinstance(function.gives, Like) else {}
        arguments = []
        for parameter in function.parameters(random.choice(counts)):
            if isinstance(parameter, OneOf):
                arguments.append(Literal(random.choice(parameter.words)))
                continue
            if isinstance(parameter, Like):
                wanted = same.setdefault(parameter.name, random.choice(sorted(parameter.among)))
            else:
                wanted = random.choice(sorted(parameter)) if isinstance(parameter, frozenset) else parameter
            if wanted is LIST:
                arguments.append(Path(("tags",)))
            elif wanted is NUMBER and random.random() < 0.3:
                arguments.append(Literal(Decimal(random.randint(-3, 14))))
            else:
                arguments.append(self.of(wanted, depth - 1))
        return Call(function.name, tuple(arguments))
