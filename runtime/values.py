"""Plain values that rooms hand to one another; frozen, without behaviour worth testing."""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and for whom a condition is asked.

    now: aware UTC datetime; zone: IANA name; user_id: who `me` is, or None.
    """
    now: datetime
    zone: str = "UTC"
    user_id: int | None = None

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, and through which channel. There is no read or write without one.

    roles: names of published roles; everything: True for administrators and for the house itself.
    channel: "page", "api", "import", "rule", "cli", …; kept with every change.
    """
    user_id: int | None
    name: str
    roles: tuple[str, ...] = ()
    everything: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    channel: str = "page"
    theme: str = "auto"
    density: str = "cosy"
    caused_by: int | None = None
    depth: int = 0

    @property
    def admin(self) -> bool:
        return self.everything

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"

    def moment(self, now: datetime) -> Moment:
        return Moment(now, self.time_zone, self.user_id)

    def through(self, channel: str) -> "Actor":
        return replace(self, channel=channel)


HOUSE = Actor(user_id=None, name="Banyan", everything=True, channel="house")
"""The house itself: roll-ups, chores, publishing. Never used for something a person asked."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as one actor may see it.

    values: {path: value}; the keys are api names, parts ("amount.currency", "billing.city") and asked-for paths.
    """
    module: str
    id: int
    version: int
    values: Mapping[str, Any]

    def __getitem__(self, path: str) -> Any:
        return self.values[path]


@dataclass(slots=True)
class Change:
    """One write on its way through the record steps.

    verb: "create", "update", "delete" or "restore".
    before/after: {path: clean value}; `before` is empty on create. A step may set values in `after` only.
    given: the paths the actor sent.
    """
    actor: Actor
    module: Any
    verb: str
    record_id: int | None
    before: Mapping[str, Any]
    after: dict[str, Any]
    given: frozenset[str] = frozenset()
    moment: Moment | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def touched(self) -> tuple[str, ...]:
        """Paths whose value differs, in a stable order."""
        before = self.before
        return tuple(path for path, value in self.after.items() if path not in before or before[path] != value)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as a listener receives it. payload: see docs/events.md."""
    id: int
    name: str
    at: datetime
    actor_id: int | None
    channel: str
    module: str | None
    record_id: int | None
    payload: Mapping[str, Any]
    caused_by: int | None = None
    depth: int = 0
