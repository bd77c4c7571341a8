"""Checking: the type of an expression, and a helpful sentence where it does not fit together."""
import pytest

from metadata.expression import ExpressionError, Type, check, parse

FIELDS = {"amount": "number", "name": "text", "active": "boolean", "close": "date", "made": "datetime", "tags": "list",
          "account.name": "text"}


class Scope:
    def type(self, path):
        return FIELDS.get(".".join(path))


@pytest.mark.parametrize(("text", "expected"), [
    ("amount * 2 + 1", Type.NUMBER), ("name & 1 & close", Type.TEXT), ("amount > 1 and active", Type.BOOLEAN),
    ("close + 7", Type.DATE), ("close - close", Type.NUMBER), ("TODAY() - close + 1", Type.NUMBER), ("NOW()", Type.DATETIME),
    ('IF(active, 1, NULL)', Type.NUMBER), ('IF(active, NULL, "a")', Type.TEXT), ("NULL", Type.NULL), ('""', Type.NULL),
    ("COALESCE(NULL, close)", Type.DATE), ('CASE(name, "a", 1, 2)', Type.NUMBER), ("MAX(close, TODAY())", Type.DATE),
    ('close > "2024-01-31"', Type.BOOLEAN), ('made >= "2024-01-31T10:00:00Z"', Type.BOOLEAN), ('"x" in tags', Type.BOOLEAN),
    ('close in ["2024-01-31", TODAY()]', Type.BOOLEAN), ('YEAR("2024-01-31")', Type.NUMBER),
    ('DATEADD(made, 1, "hour")', Type.DATETIME), ("ISBLANK(tags)", Type.BOOLEAN), ("account.name", Type.TEXT),
])
def test_an_expression_has_a_type(text, expected):
    assert check(parse(text), Scope()) is expected


@pytest.mark.parametrize(("text", "cause"), [
    ("amuont + 1", "There is no field 'amuont' here that you can use."),
    ("name + 1", "Adding a number and a text has no meaning. Join texts with &."),
    ("made + 1", "Adding a number and a date with time has no meaning. Use DATEADD or DATEDIFF for dates with time."),
    ("close + close", "Adding a date and a date has no meaning."),
    ("name * 2", "'*' needs a number, not a text. VALUE(…) reads a number from a text."),
    ("not amount", "'not' needs true or false, not a number."),
    ("amount and active", "'and' needs true or false, not a number."),
    ("amount = name", "A number cannot be compared with a text."),
    ("close < made", "A date cannot be compared with a date with time. DATEVALUE(…) gives its day."),
    ('close > "soon"', "A date cannot be compared with a text."),
    ("name = NULL", "Nothing is ever equal to NULL or \"\"; ask with ISBLANK(name)."),
    ('"" != account.name', "Nothing is ever equal to NULL or \"\"; ask with ISBLANK(account.name)."),
    ("active > TRUE", "True and false have no order; '>' cannot compare them."),
    ("tags = tags", "A list cannot be compared; ask with `in`."),
    ("name in name", "'in' needs a list: in [\"a\", \"b\"] or a field of several values, not a text."),
    ("name & made", "'&' joins texts, numbers and dates, not a date with time. DATEVALUE(…) gives its day."),
    ("LEFT(name)", "LEFT(text, count) was given 1 values."),
    ("LEFT(name, name)", "Value 2 of LEFT(text, count) is a number, not a text. VALUE(…) reads a number from a text."),
    ("YEAR(made)", "Value 1 of YEAR(date) is a date, not a date with time. DATEVALUE(…) gives its day."),
    ('IF(active, 1, "a")', "Value 3 of IF(condition, then, otherwise) is a number, not a text."),
    ("ROND(amount)", "There is no function ROND."),
    ("STARTWITH(name)", "There is no function STARTWITH. Did you mean STARTOFMONTH or STARTOFQUARTER or STARTOFWEEK?"),
])
def test_what_does_not_fit_is_said_in_a_sentence(text, cause):
    with pytest.raises(ExpressionError) as found:
        check(parse(text), Scope())

    assert found.value.cause.startswith(cause)


def test_checking_stays_linear():
    text = "amount"
    for _ in range(15):
        text = f"IF({text} in [amount, 2, 3], 1, 2)"

    assert check(parse(text), Scope()) is Type.NUMBER
