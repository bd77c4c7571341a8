"""A what-if: a question about the records there are, asked before a draft is published. One file per kind of change."""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from metadata.definitions import Definitions
from runtime.kinds.kind import Kind


@dataclass(frozen=True)
class Question:
    """Which records would a change touch?

    kind: name of its what-if; path: the document and the place in it; module: the draft's name of the module asked about.
    condition: (scope over the draft) -> SQL, true for the records touched. refuses: they could not be saved any more as they
    are; False where only a value they show changes.
    """
    kind: str
    id: str
    path: str
    module: str
    label: str
    says: str
    condition: Callable[[Any], Any]
    refuses: bool = True


class WhatIf(Kind):
    family = "what_ifs"

    def questions(self, live: Definitions, draft: Definitions) -> Iterator[Question]:
        """One per change between both that may matter to records. The draft is what `published.current()` is meanwhile."""
        raise NotImplementedError
