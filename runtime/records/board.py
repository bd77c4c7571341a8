"""Board: a view's records as cards in lanes. Cards come 25 at a time by key; counts and sums of all lanes by one query.

What a lane costs does not follow from how much it holds: an index begins with the lane's field and goes on with the order.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.errors import BadQuery
from runtime.locale.text import _
from runtime.records import deadlines, list_state, query, shown
from runtime.records.aggregate import aggregate
from runtime.records.list_state import ListState
from runtime.security import policy
from runtime.values import Record

CARDS = 25
AT_ONCE = 12
"""Lanes whose cards come with the page; those further right come when they are looked at."""
LINES = 3
"""Values on a card besides its name, its figure, its date and its owner."""


@dataclass(frozen=True)
class Lane:
    """number: its place among the choices from 1, 0 for records without a value; closed: a record there is won or lost."""
    number: int
    value: str | None
    label: str
    tone: str
    closed: bool = False

    @property
    def condition(self) -> dict[str, Any]:
        return {"operator": "empty"} if self.value is None else {"operator": "is", "operand": self.value}


class Board:
    """One view's board as an actor asked for it. Raises BadQuery where the view has no lanes."""

    def __init__(self, at: Any, state: ListState):
        held = state.view and at.now.catalogue.get("view_kinds", state.view.kind).held(state.view)
        if not held:
            raise BadQuery(_("This view has no lanes."))
        self.at, self.state = at, state
        self.field: shown.ShownField = at.field(held[0])
        self.lanes = self._lanes()
        self.may_move = (policy.may(at.actor, "edit", at.module) and not self.field.read_only
                         and self.field.name in policy.editable(at.actor, at.module))

    def _lanes(self) -> list[Lane]:
        """The field's choices; where the list asks for some of them only, those."""
        asked = [set(_asked(condition)) for condition in self.state.criteria
                 if isinstance(condition, Mapping) and condition.get("field") == self.field.name
                 and condition.get("operator") in ("is", "one_of")]
        hidden = set(self.state.view.settings.get("hidden", ())) if self.state.view else set()
        made = [Lane(number, choice["value"], choice["label"], choice.get("color") or "grey",
                     choice.get("stage") in ("won", "lost"))
                for number, choice in enumerate(self.field.choices, 1)
                if choice["value"] not in hidden and all(choice["value"] in values for values in asked)]
        return made if asked else [Lane(0, None, _("No %(field)s", field=self.field.label.lower()), "grey"), *made]

    def lane(self, number: int | None) -> Lane:
        found = next((lane for lane in self.lanes if lane.number == number), None)
        if found is None:
            raise BadQuery(_("There is no such lane on this board."))
        return found

    def of(self, values: Mapping[str, Any]) -> Lane | None:
        """The lane a record lies in; None where it has no lane."""
        return next((lane for lane in self.lanes if lane.value == values.get(self.field.name)), None)

    # Cards

    def _paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.state.name, *self.state.shown_columns, self.field.name, *self.state.deadlines)))

    def cards(self, lane: Lane, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """(cards, the cursor of the next ones)."""
        asked = [*self.state.criteria, {"field": self.field.name, **lane.condition}]
        page = query.find(self.at.actor, query.Query(self.at.module.name, self._paths(), {"all": asked}, self.state.order, CARDS,
                                                     after=after, text=self.state.text, labels=True))
        return [self.card(record, lane) for record in page.rows], page.next

    def one(self, record_id: int) -> dict[str, Any]:
        """A single record's card as it stands now. Raises NotFound."""
        record = query.one(self.at.actor, self.at.module.name, record_id, self._paths(), labels=True)
        return self.card(record, self.of(record.values))

    def card(self, record: Record, lane: Lane | None) -> dict[str, Any]:
        at, href = self.at, f"/m/{self.at.module.name}/{record.id}"
        figure, owner, lines = None, None, []
        summed = self.state.view.sums if self.state.view else ()
        for path in self.state.shown_columns:
            if path in (at.module.name_field, self.field.name, *self.state.deadlines):
                continue
            field = at.field(path)
            if field.target == "users" and owner is None:
                name = record.values.get(f"{path}:label")
                owner = {"name": name, "number": record.values.get(path), "label": field.label} if name else None
            elif figure is None and field.numeric and (path in summed or not summed):
                figure = shown.plain(field, record.values, at.reader)
            elif len(lines) < LINES and (text := shown.plain(field, record.values, at.reader)):
                lines.append({"label": field.label, "text": text, "numeric": field.numeric})
        urgent, due = self._urgent(record, lane)
        return {"id": record.id, "version": record.version, "title": shown.title(at.module, record), "href": href,
                "figure": figure, "owner": owner, "lines": lines, "urgent": urgent, "due": due,
                "lane": lane.number if lane else -1, "move_href": self.state.href(f"/{record.id}/card")}

    def _urgent(self, record: Record, lane: Lane | None) -> tuple[str, dict[str, str] | None]:
        """(late, today, none or nothing; the date to show): the most pressing of the view's deadlines, while it is open."""
        if not self.state.deadlines or (lane is not None and lane.closed):
            return "", None
        found = []
        for path in self.state.deadlines:
            field = self.at.field(path)
            value = field.pick(record.values)
            if value is not None:
                tone, words = deadlines.standing(value, self.at.moment.today, self.at.reader)
                written = words or field.kind.show(field.field, value, self.at.reader)
                found.append({"tone": tone, "text": written, "label": field.label})
        if not found:
            return "none", {"tone": "", "text": _("nothing planned"), "label": self.at.field(self.state.deadlines[0]).label}
        first = min(found, key=lambda due: ("red", "amber", "").index(due["tone"]))
        return {"red": "late", "amber": "today"}.get(first["tone"], ""), first

    # Counts and sums

    def totals(self) -> list[dict[str, Any]]:
        """Per lane: how many, and its sums in words; one grouped query for all."""
        at, criteria = self.at, self.state.criteria
        summed = [path for path in (self.state.view.sums if self.state.view else ())
                  if list_state.may_read(at.now, at.actor, at.module, path)]
        answer = aggregate(at.actor, at.module.name, group=(self.field.name,), text=self.state.text,
                           measures=("count", *(f"sum:{path}" for path in summed)),
                           criteria={"all": list(criteria)} if criteria else None)
        rows = {row[self.field.name]: row for row in answer.rows}
        fields = [at.field(path) for path in summed]
        return [{"number": lane.number, "count": at.reader.number(rows[lane.value]["count"] if lane.value in rows else 0),
                 "sums": [{"label": field.label, "text": shown.total(field, rows[lane.value][f"sum:{field.name}"], at.reader)}
                          for field in fields] if lane.value in rows else []}
                for lane in self.lanes]

    # The page

    def drawn(self, lane: Lane, after: str | None = None) -> dict[str, Any]:
        """What one lane's template needs."""
        cards, following = self.cards(lane, after)
        href = self.state.href("/lane")
        joint = "&" if "?" in href else "?"
        only = (*self.state.criteria, {"field": self.field.name, **lane.condition})
        table = next((view for view in self.at.now.definitions.views_of(self.at.module.name) if view.kind == "table"), None)
        plain = ListState(self.at.module, table, filters=only, text=self.state.text)
        return {"number": lane.number, "label": lane.label, "tone": lane.tone, "value": lane.value, "cards": cards,
                "more_href": f"{href}{joint}lane={lane.number}&after={following}" if following else None,
                "all_href": plain.href(), "wait_href": None}

    def waiting(self, lane: Lane) -> dict[str, Any]:
        """A lane whose cards come when it is looked at."""
        href = self.state.href("/lane")
        return {"number": lane.number, "label": lane.label, "tone": lane.tone, "value": lane.value, "cards": [],
                "more_href": None, "wait_href": f"{href}{'&' if '?' in href else '?'}lane={lane.number}"}


def context(at: Any, state: ListState) -> dict[str, Any]:
    """What _board.html needs."""
    board = Board(at, state)
    lanes = [board.drawn(lane) if place < AT_ONCE else board.waiting(lane) for place, lane in enumerate(board.lanes)]
    lanes = [lane for lane in lanes if lane["value"] is not None or lane["cards"]]
    totals = state.href("/totals")
    if any(lane["value"] is None for lane in lanes):
        totals += f"{'&' if '?' in totals else '?'}empty=1"
    return {"lanes": lanes, "lane_field": board.field, "may_move": board.may_move, "totals_href": totals,
            "marks": bool(state.deadlines), "nothing": not any(lane["cards"] or lane["wait_href"] for lane in lanes)}


def _asked(condition: Mapping[str, Any]) -> list[Any]:
    operand = condition.get("operand")
    return list(operand) if isinstance(operand, (list, tuple)) else [operand]
