"""The function table: every function an expression may call, by name."""
from metadata.expression.functions import dates, logic, money, numbers, texts
from metadata.expression.functions.function import Closure, Function, Like, OneOf

FUNCTIONS: dict[str, Function] = {
    function.name: function
    for room in (logic, texts, numbers, money, dates)
    for function in room.FUNCTIONS
}

GROUPS: tuple[tuple[str, tuple[Function, ...]], ...] = (
    ("Logic", logic.FUNCTIONS), ("Text", texts.FUNCTIONS), ("Numbers", numbers.FUNCTIONS),
    ("Money", money.FUNCTIONS), ("Dates", dates.FUNCTIONS),
)

__all__ = ["FUNCTIONS", "GROUPS", "Closure", "Function", "Like", "OneOf"]
