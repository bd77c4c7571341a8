"""The one table at the end."""
from collections.abc import Sequence

from bench.stage import Row

HEAD = ("operation", "raw PostgreSQL", "floor", "product", "ratio", "target", "")


def written(rows: Sequence[Row]) -> str:
    lines = [HEAD, *(_line(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEAD))]
    made = ["  ".join(cell.ljust(width) if at in (0, 6) else cell.rjust(width)
                      for at, (cell, width) in enumerate(zip(line, widths, strict=True))).rstrip() for line in lines]
    return "\n".join([made[0], "  ".join("-" * width for width in widths).rstrip(), *made[1:]])


def _line(row: Row) -> tuple[str, ...]:
    sign = {"<=": "≤", ">=": "≥"}[row.sign]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} × {row.against}"
    target = "" if row.target is None else f"{sign} {row.target:g}" + (" ×" if row.against else f" {row.unit}")
    verdict = {True: "ok", False: "missed", None: ""}[row.met]
    return (row.operation, _figure(row.raw, row.unit), _figure(row.floor, row.unit), _figure(row.product, row.unit), ratio, target,
            verdict)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}" if value >= 1 else f"{value:.2g} {unit}"
