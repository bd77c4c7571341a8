"""The benchmark's table says truly what was met."""
import pytest

from bench import table
from bench.stage import Row


@pytest.mark.parametrize(("row", "ratio", "met"), [
    (Row("list", "ms", 18.0, floor=10.0, against="floor", target=2), 1.8, True),
    (Row("list", "ms", 21.0, floor=10.0, against="floor", target=2), 2.1, False),
    (Row("pages", "pages/s", 50, floor=100, against="floor", sign=">=", target=0.45), 0.5, True),
    (Row("import", "rows/s", 3_900, raw=10_000, against="raw", sign=">=", target=0.4), 0.39, False),
    (Row("deep", "ms", 11.0, against="page 1", target=1.2, beside=10.0), 1.1, True),
    (Row("start", "s", 2.5, target=2.3), None, False),
    (Row("told", "ms", 3.0), None, None),
])
def test_a_row_knows_its_ratio_and_whether_it_met_its_target(row, ratio, met):
    assert row.ratio == (None if ratio is None else pytest.approx(ratio)) and row.met is met
    assert row.to_json()["met"] is met


def test_the_table_has_a_line_for_every_row_and_says_missed_where_it_is():
    written = table.written([Row("list page", "ms", 18.0, 10.0, 4.25, "floor", "<=", 2), Row("start", "s", 2.5, target=2.3)])

    lines = written.splitlines()
    assert len(lines) == 4
    assert "4.25 ms" in lines[2] and "1.80 × floor" in lines[2] and lines[2].endswith("ok")
    assert "≤ 2.3 s" in lines[3] and lines[3].endswith("missed")
