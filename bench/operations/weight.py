"""What a browser receives: the list as a page and as a swap, plain and compressed, and a whole first visit."""
import re
from collections.abc import Iterator

from bench.client import fetch
from bench.operations import list_page
from bench.stage import Row, Stage

ORDER = 15
PACKED = {"Accept-Encoding": "br, gzip"}
PART = {"HX-Request": "true"}
LINK = re.compile(rb'(?:href|src)="(/static/[^"#]+)')
INNER = re.compile(rb'url\(["\']?(/static/[^"\')#]+|[^"\')#:]+\.woff2)')


def rows(stage: Stage) -> Iterator[Row]:
    floor = len(fetch(stage.anybody, list_page.FLOOR)[2]) / 1024

    def kilobytes(headers: dict[str, str]) -> float:
        return len(fetch(stage.member, list_page.PRODUCT, headers)[2]) / 1024

    yield Row("list page", "KiB", kilobytes({}), floor, target=65)
    yield Row("list page, compressed", "KiB", kilobytes(PACKED), target=14)
    yield Row("list swap", "KiB", kilobytes(PART), target=45)
    yield Row("list swap, compressed", "KiB", kilobytes(PART | PACKED), target=8)
    yield Row("first visit, compressed", "KiB", kilobytes(PACKED) + sum(_files(stage)) / 1024, target=300)


def _files(stage: Stage) -> Iterator[int]:
    """Bytes of each file the page and its style sheets name, as a browser would fetch them."""
    wanted = LINK.findall(fetch(stage.member, list_page.PRODUCT)[2])
    seen: set[str] = set()
    while wanted:
        path = wanted.pop().decode()
        if path in seen:
            continue
        seen.add(path)
        status, headers, content = fetch(stage.member, path, PACKED)
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        yield len(content)
        if headers["content-type"].startswith("text/css"):
            plain = fetch(stage.member, path)[2]
            base = path.rpartition("/")[0].encode()
            wanted += [found if found.startswith(b"/") else base + b"/" + found for found in INNER.findall(plain)]
