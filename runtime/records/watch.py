"""Watching: who records a test sees each verb somebody else would do with records, as it was asked and how it ended.

Only the outermost verb is seen: what a button does in turn is no step of its own.
"""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from runtime.errors import RuntimeProblem

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Watcher(Protocol):
    """arguments: the verb's own, without the actor: (module, record, …). answer: what it gave, or the refusal."""

    def asked(self, verb: str, arguments: tuple[Any, ...]) -> None: ...

    def ended(self, verb: str, arguments: tuple[Any, ...], answer: Any) -> None: ...


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watching(watcher: Watcher | None) -> Iterator[None]:
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def watched(verb: str) -> Callable[[Callable[Given, Made]], Callable[Given, Made]]:
    """A verb whose arguments begin with the actor."""
    def around(act: Callable[Given, Made]) -> Callable[Given, Made]:
        @wraps(act)
        def done(*given: Given.args, **named: Given.kwargs) -> Made:
            watcher = _watcher.get()
            if watcher is None:
                return act(*given, **named)
            with watching(None):
                watcher.asked(verb, given[1:])
                try:
                    answer: Any = act(*given, **named)
                except RuntimeProblem as problem:
                    watcher.ended(verb, given[1:], problem)
                    raise
                watcher.ended(verb, given[1:], answer)
            return answer  # type: ignore[no-any-return]
        return done
    return around
