"""`python -m bench`: product, floor and raw PostgreSQL one after another in the same run, medians of three, one table.

    --quick        100,000 deals and short runs, for working on it     --only list_page,create   some operations
    --json         the table as JSON                                    --deals 1000000           another size
"""
import argparse
import json
import pkgutil
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from bench import installation, operations, serving, table
from bench.client import Driver
from bench.stage import Row, Stage
from runtime.db import embedded


def main() -> int:
    options = _options()
    say = _say if not options.json else lambda *_: None
    known = _operations(options.only)
    deals = options.deals or (100_000 if options.quick else 1_000_000)
    began = time.perf_counter()
    rows: list[Row] = []
    product, floor, driver = serving.product(), serving.floor(), None
    try:
        installed = installation.use(deals, say)
        product.start()
        floor.start()
        driver = Driver()
        with installed.connect() as raw:
            stage = Stage(installed, product, floor, driver, raw, options.quick)
            for name, operation in known:
                say(f"{name} …")
                rows += operation.rows(stage)
    finally:
        product.stop()
        floor.stop()
        if driver is not None:
            driver.close()
        embedded.stop()
    if options.json:
        print(json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), "deals": deals,
                          "seconds": round(time.perf_counter() - began), "rows": [row.to_json() for row in rows]}, indent=1))
    else:
        missed = sum(row.met is False for row in rows)
        print(f"\n{deals:,} deals, medians of three, {time.perf_counter() - began:.0f} s\n\n{table.written(rows)}\n\n"
              f"{sum(row.met is True for row in rows)} targets met, {missed} missed")
    return 0


def _operations(only: str | None) -> list[tuple[str, Any]]:
    found = [(name, import_module(f"bench.operations.{name}")) for _, name, _ in pkgutil.iter_modules(operations.__path__)]
    wanted = only.split(",") if only else [name for name, _ in found]
    if unknown := set(wanted) - {name for name, _ in found}:
        sys.exit(f"There is no operation '{unknown.pop()}'. Known: {', '.join(name for name, _ in found)}.")
    return sorted(((name, each) for name, each in found if name in wanted), key=lambda pair: pair[1].ORDER)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100,000 deals, short runs")
    parser.add_argument("--json", action="store_true", help="the table as JSON")
    parser.add_argument("--only", help="operations, by commas")
    parser.add_argument("--deals", type=int, help="how many deals")
    return parser.parse_args()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
