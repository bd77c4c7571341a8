"""Kept: a memo that holds so many things and forgets the least used, for what a version could have endlessly many of."""
from collections import OrderedDict
from threading import Lock
from typing import Any


class Kept:
    """Shared by the threads of a process. What is kept must never change."""

    def __init__(self, most: int):
        self._most = most
        self._things: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> Any:
        """None where it is not kept (any more)."""
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
            return found

    def keep(self, key: Any, thing: Any) -> None:
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            if len(self._things) > self._most:
                self._things.popitem(last=False)
