"""The state of a list, as its address says it: view, filters, words, order, columns, place. Every link of a list is one."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from metadata import criteria
from metadata.model.module import Module
from metadata.model.view import View
from runtime.errors import BadQuery, unknown_field
from runtime.locale.text import _
from runtime.records.people import READABLE
from runtime.records.query import LARGEST_ID, Query
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.published import Published
from runtime.values import Actor
from runtime.web import json


@dataclass(frozen=True)
class ListState:
    """filters: None = the view's own; else the criteria that replace them, each a chip. sort, columns: None = the view's own.

    name: what every row brings along to be called by.
    """
    module: Module
    view: View | None
    filters: tuple[Any, ...] | None = None
    text: str = ""
    sort: tuple[tuple[str, bool], ...] | None = None
    columns: tuple[str, ...] | None = None
    after: str | None = None
    before: str | None = None
    dropped: tuple[str, ...] = ()
    name: tuple[str, ...] = ()

    @property
    def criteria(self) -> tuple[Any, ...]:
        """What is asked, as a list joined by AND."""
        return self.filters if self.filters is not None else split(self.view.criteria if self.view else None)

    @property
    def shown_columns(self) -> tuple[str, ...]:
        if self.columns:
            return self.columns
        return self.view.columns if self.view and self.view.columns else (self.module.name_field, "owner", "updated_at")

    @property
    def order(self) -> tuple[tuple[str, bool], ...]:
        if self.sort is not None:
            return self.sort
        return tuple((key["field"], bool(key.get("descending"))) for key in (self.view.sort if self.view else ()))

    @property
    def deadlines(self) -> tuple[str, ...]:
        """The view's deadlines, as long as all its own conditions are asked: a closed record is late for nothing."""
        if self.view is None or not self.view.deadlines:
            return ()
        asked = self.criteria
        return self.view.deadlines if all(condition in asked for condition in split(self.view.criteria)) else ()

    def query(self, limit: int = 50) -> Query:
        joined = self.criteria
        return Query(self.module.name, tuple(dict.fromkeys((*self.name, *self.shown_columns))),
                     {"all": list(joined)} if joined else None, self.order, limit, self.after, self.before, self.text, labels=True)

    # Links

    def pairs(self, *, without: Sequence[str] = ()) -> list[tuple[str, str]]:
        """The state as names and values of an address; what is the view's own is left out."""
        pairs = []
        if self.view is not None:
            pairs.append(("view", self.view.name))
        if self.filters is not None:
            pairs.append(("filter", json.dumps(list(self.filters)).decode()))
        if self.sort is not None:
            pairs.append(("sort", ",".join(("-" if down else "") + path for path, down in self.sort)))
        if self.columns is not None:
            pairs.append(("columns", ",".join(self.columns)))
        if self.text:
            pairs.append(("q", self.text))
        if self.after:
            pairs.append(("after", self.after))
        if self.before:
            pairs.append(("before", self.before))
        return [(name, value) for name, value in pairs if name not in without]

    def href(self, path: str = "", **changes: Any) -> str:
        """The address of this state with some changes; a change of what is asked goes back to the first page."""
        changed = replace(self, **({"after": None, "before": None} | changes))
        pairs = changed.pairs()
        base = f"/m/{self.module.name}{path}"
        return f"{base}?{'&'.join(f'{name}={_quoted(value)}' for name, value in pairs)}" if pairs else base

    def sorted_by(self, path: str) -> str:
        """The link of a column heading: up, then down, then as the view has it."""
        now = dict(self.order[:1])
        if path not in now:
            return self.href(sort=((path, False),))
        return self.href(sort=((path, True),) if not now[path] else None)

    def without_filter(self, at: int) -> str:
        left = self.criteria[:at] + self.criteria[at + 1:]
        return self.href(filters=left)


_quoted = lru_cache(maxsize=2_048)(quote_plus)
"""A list has some twenty links, which share most of their values."""


def read(now: Published, actor: Actor, module: Module, asked: Mapping[str, str]) -> ListState:
    """The state an address asks for. Raises BadQuery for an unknown view or a filter that is not JSON.

    A saved view's columns and order that the actor may not read are dropped, and said so in `dropped` (safety T2, T8).
    """
    view = _view(now, actor, module, asked.get("view"))
    readable = policy.readable(actor, module)
    if view is not None and view.deadlines:
        view = replace(view, deadlines=tuple(path for path in view.deadlines if may_read(now, actor, module, path, readable)))
    state = ListState(module, view, _filters(asked.get("filter")), asked.get("q", "").strip()[:200], _sort(asked.get("sort")),
                      _columns(asked), asked.get("after") or None, asked.get("before") or None, name=name_of(actor, module))
    for path in state.columns or ():
        if not may_read(now, actor, module, path, readable):
            raise unknown_field(path, _("There is no field '%(path)s' here that you can use.", path=path))
    dropped = []
    if state.columns is None:
        columns = tuple(path for path in state.shown_columns if may_read(now, actor, module, path, readable))
        if columns != state.shown_columns:
            dropped += [path for path in state.shown_columns if path not in columns]
            state = replace(state, columns=columns or ("id",))
    if state.sort is None:
        order = tuple(key for key in state.order if may_read(now, actor, module, key[0], readable))
        if order != state.order:
            dropped.append("sort")
            state = replace(state, sort=order)
    return replace(state, dropped=tuple(dropped))


def name_of(actor: Actor, module: Module) -> tuple[str, ...]:
    """The path that tells what a record is called; none where the actor may not read it, and its number has to do."""
    return (module.name_field,) if module.name_field in policy.readable(actor, module) else ()


def may_read(now: Published, actor: Actor, module: Module, path: str, readable: frozenset[str] | None = None) -> bool:
    """May the actor read every field on this path?"""

    steps = path.split(".")
    for at, name in enumerate(steps):
        field = module.field(name)
        known = readable if at == 0 and readable is not None else policy.readable(actor, module)
        if field is None or name not in known:
            return False
        kind, rest = now.type(field), steps[at + 1:]
        if not rest or (len(rest) == 1 and rest[0] in kind.columns(field)):
            return True
        target = kind.target(field)
        if target == "users":
            return rest[0] in READABLE and len(rest) == 1
        if target is None:
            return False
        module = now.module(target)
    return False


def split(condition: Any) -> tuple[Any, ...]:
    """A criteria tree as the list of its AND-joined conditions: each becomes a chip."""
    if not condition:
        return ()
    if isinstance(condition, Mapping) and set(condition) == {"all"}:
        return tuple(part for inner in condition["all"] for part in split(inner))
    return (condition,)


def may_ask(now: Published, actor: Actor, module: Module, condition: Any) -> bool:
    """May the actor read every field that a stored condition names? What hangs on another one is not theirs to learn."""
    if not condition:
        return True
    named = now.once(("named by", repr(condition)), lambda: criteria.paths(condition))
    return all(may_read(now, actor, module, path) for path in named)


def may_open(now: Published, actor: Actor, view: View) -> bool:
    """A view that asks about a field the actor may not read, or is cut by one, is not there for them (safety T8)."""
    module = now.module(view.module)
    held = now.catalogue.get("view_kinds", view.kind).held(view)
    return may_ask(now, actor, module, view.criteria) and all(may_read(now, actor, module, path) for path in held)


def _view(now: Published, actor: Actor, module: Module, name: str | None) -> View | None:
    views = [view for view in now.definitions.views_of(module.name) if may_open(now, actor, view)]
    if name:
        for view in views:
            if view.name == name:
                return view
        raise BadQuery(_("There is no view '%(name)s' of %(plural)s.", name=name[:60], plural=labels.of_modules(module)))
    return next((view for view in views if view.default), views[0] if views else None)


def _filters(asked: str | None) -> tuple[Any, ...] | None:
    if asked is None:
        return None
    given = json.loads(asked) if asked else []
    if not isinstance(given, (Mapping, list)):
        raise BadQuery(_("'filter' is a list of conditions."))
    try:
        criteria.parse({"all": given} if isinstance(given, list) else given)
    except criteria.CriteriaError as problem:
        raise BadQuery(str(problem)) from None
    return split(given) if isinstance(given, Mapping) else tuple(given)


def record_id(text: Any) -> int | None:
    """A record's number as an address or a form says it; None for what can be none."""
    text = str(text)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_ID else None


def _sort(asked: str | None) -> tuple[tuple[str, bool], ...] | None:
    if asked is None:
        return None
    return tuple((name.lstrip("-"), name.startswith("-")) for name in asked.split(",") if name.strip("-"))


def _columns(asked: Mapping[str, str]) -> tuple[str, ...] | None:
    given = asked.getlist("columns") if hasattr(asked, "getlist") else [asked["columns"]] if "columns" in asked else []
    names = tuple(dict.fromkeys(name for value in given for name in value.split(",") if name))
    return names or None


