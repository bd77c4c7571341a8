"""An addition: what a bundle adds to a document of another bundle. Lies where that document lies, with "extends": true."""
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Addition(Document):
    """id and name are those of the document that is extended. Only in bundles: laid over it before anything is published."""
    target: ClassVar[type[Document]]
    """The noun it extends."""

    def onto(self, stands: Any) -> Any:
        """The document with this added, or put in place of what is known by the same."""
        raise NotImplementedError

    def out_of(self, stands: Any, others: Iterable[Document] = ()) -> Any:
        """The document without what this adds. others: what other bundles that stay have at this place."""
        raise NotImplementedError

    def less(self, now: Self | None) -> Self:
        """What of this `now` no longer adds."""
        raise NotImplementedError


def in_order(made: Sequence[Any], known: Sequence[Any], key: Callable[[Any], Hashable]) -> tuple:
    """`made` in the order `known` has; what is not known stays behind what it stood behind."""
    own = {key(each): each for each in made}
    order = [key(each) for each in known if key(each) in own]
    before: Hashable | None = None
    for each in made:
        name = key(each)
        if name not in order:
            order.insert(order.index(before) + 1 if before is not None else 0, name)
        before = name
    return tuple(own[name] for name in order)
