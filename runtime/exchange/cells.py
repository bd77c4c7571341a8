"""Cells: the rows of an import's file as they are staged."""
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from runtime.exchange import reading
from runtime.exchange.mapping import KEY
from runtime.exchange.store import Run


def of(found: Run) -> Iterator[list[str]]:
    """As wide as the headings, no blanks around cells, the made key behind them."""
    key = found.mapping["fields"].get("key")
    headings = [heading for heading in found.headers if heading != KEY]
    width = len(headings)
    places = [headings.index(heading) for heading in key["columns"]] if key else []
    seen: Counter[bytes] = Counter()
    with reading.rows(Path(found.file_path)) as lines:
        next(lines, None)
        for line in lines:
            if len(line) != width:
                line = reading.fitted(line, width)
            cells = list(map(str.strip, line))
            if len("".join(cells)) > reading.LONGEST_CELL:      # as one they are measured faster
                cells = [cell[:reading.LONGEST_CELL + 1] for cell in cells]     # one too many: its row is refused and says why
            if key:
                digest = hashlib.sha256("\x1f".join(line[place] for place in places).encode()).digest()[:12]
                seen[digest] += 1
                cells.append(f"{digest.hex()}-{seen[digest]}")
            yield cells
