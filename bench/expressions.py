"""How long one evaluation of a condition takes in Python: `python -m bench.expressions`. The mark is 2 µs for five terms."""
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from metadata.expression import parse
from runtime.tables import expressions
from runtime.values import Moment

TYPES = {"amount": "number", "stage": "text", "score": "number", "country": "text", "probability": "number", "close": "date"}
ROW = {"amount": Decimal("1500.00"), "stage": "Proposal", "score": 30, "country": "VN", "probability": Decimal(40),
       "close": datetime(2026, 3, 5).date()}
CASES = {
    "five terms": 'amount > 1000 and stage == "Proposal" and (score >= 50 or country in ["VN","US"])',
    "formula": "ROUND(amount * probability / 100, 2)",
    "dates": "close < TODAY() and DATEDIFF(close, TODAY()) > 30",
    "choice": 'IF(amount >= 10000, "large", IF(amount >= 1000, "medium", "small"))',
}


class Scope:
    def type(self, path: tuple[str, ...]) -> str | None:
        return TYPES.get(".".join(path))


def microseconds(test: Callable[[Any, Any], Any], times: int = 100_000) -> float:
    """The best of five runs, per evaluation."""
    moment = Moment(datetime(2026, 3, 5, tzinfo=UTC), "Asia/Ho_Chi_Minh", 1)
    return min(timeit.repeat(lambda: test(ROW, moment), number=times, repeat=5)) / times * 1e6


def main() -> None:
    for name, text in CASES.items():
        print(f"{name:12} {microseconds(expressions.as_python(parse(text), Scope())):6.2f} µs   {text}")
    text = CASES["five terms"]
    print(f"{'reading it':12} {timeit.timeit(lambda: parse(text), number=500) / 500 * 1e6:6.0f} µs")


if __name__ == "__main__":
    main()
