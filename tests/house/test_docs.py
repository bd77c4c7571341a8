"""The documents say what there is: every family and kind, every event."""
import re
from pathlib import Path

import pytest

from runtime.kinds.kind import catalogue

EMIT = re.compile(r"""\bemit\(\s*"([a-z_]+\.[a-z_]+)\"""")
EVENTS = Path("docs/events.md")


@pytest.mark.parametrize("family", catalogue().families())
def test_every_kind_stands_on_the_page_of_its_family(family):
    page = Path(f"docs/kinds/{family}.md").read_text(encoding="utf-8")

    assert [kind.name for kind in catalogue().all(family) if f"| `{kind.name}` |" not in page] == []


def test_every_event_is_described_and_every_described_event_happens():
    emitted = {name for file in Path("runtime").rglob("*.py") for name in EMIT.findall(file.read_text(encoding="utf-8"))}
    emitted |= {f"record.{verb}" for verb in ("created", "updated", "deleted", "restored")}

    described = set(re.findall(r"^\| `([a-z_.]+)` \|", EVENTS.read_text(encoding="utf-8"), re.MULTILINE))

    assert described == emitted
