"""The menu: the modules this person may read, by group and position, and what rooms add.

Made once per published version, set of roles and language; which entry is current is known when it is drawn.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import request

from runtime.locale import text
from runtime.security import policy
from runtime.tables import published
from runtime.values import Actor


@dataclass(frozen=True)
class Item:
    """An entry a room adds. label: text, or lazy text; group: "" stands at the top; shown: asked with the actor."""
    label: Any
    href: str
    icon: str
    group: Any = ""
    position: int = 100
    shown: Callable[[Actor], bool] | None = None


_items: list[Item] = []


def add(*items: Item) -> None:
    """Called by the roof for each room's `menu`."""
    _items.extend(item for item in items if item not in _items)


class Menu:
    """[{label, items: [{label, href, icon, current, count}]}], made only where a template draws it."""

    def __init__(self, actor: Actor | None):
        self._actor = actor

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if self._actor is None:
            return
        current = self.current
        for label, group in _entries(self._actor):
            yield {"label": label, "items": [{"label": word, "href": href, "icon": icon, "current": href == current,
                                              "count": None} for word, href, icon in group]}

    @property
    def current(self) -> str | None:
        """The address of the entry that stands for the page at hand."""
        if self._actor is None:
            return None
        here = request.path
        return max((href for _, group in _entries(self._actor) for _, href, _ in group if _covers(href, here)), key=len,
                   default=None)

    def __bool__(self) -> bool:
        return self._actor is not None


def _covers(href: str, here: str) -> bool:
    return here == href if href == "/" else here == href or here.startswith(href + "/")


def _entries(actor: Actor) -> list[tuple[str, list[tuple[str, str, str]]]]:
    now = published.current()
    key = ("web.menu", actor.everything, actor.roles, text.language(), len(_items))
    return now.once(key, lambda: _make(actor, now))


def _make(actor: Actor, now: published.Published) -> list[tuple[str, list[tuple[str, str, str]]]]:
    language = text.language()
    found: list[tuple[str, int, str, str, str]] = []
    for item in _items:
        if item.shown is None or item.shown(actor):
            found.append((str(item.group), item.position, str(item.label), item.href, item.icon))
    for module in now.definitions.modules.values():
        if policy.may(actor, "read", module):
            group = now.label(f"groups.{module.group}", language, module.group) if module.group else ""
            label = now.label(f"modules.{module.name}.plural", language, module.plural)
            found.append((group, module.position, label, f"/m/{module.name}", module.icon))
    groups: dict[str, list[tuple[int, str, str, str]]] = {"": []}
    for group, position, label, href, icon in sorted(found, key=lambda one: (one[1], one[2])):
        groups.setdefault(group, []).append((position, label, href, icon))
    return [(group, [(label, href, icon) for _, label, href, icon in entries]) for group, entries in groups.items() if entries]

