"""What metadata refuses: problems with a place and a sentence, and a publisher who came second."""
from collections.abc import Sequence
from dataclasses import dataclass

from metadata.words import say


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. path: document, then the place in it: "views/deals.open#columns.2"."""
    path: str
    message: str

    @property
    def document(self) -> str:
        return self.path.partition("#")[0]

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class MetadataError(Exception):
    """The message is a sentence for the person who can act."""


class NotSound(MetadataError):
    """Definitions or files with problems; `.problems` lists them all."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        first = str(self.problems[0])
        super().__init__(say("%(first)s (and %(count)s more)", first=first, count=len(self.problems) - 1)
                         if len(self.problems) > 1 else first)


class StaleBase(MetadataError):
    """Somebody published after this draft was begun. number: the version that is live now."""

    def __init__(self, base: int, number: int):
        self.base, self.number = base, number
        super().__init__(say("Version %(number)s was published while you worked on version %(base)s. "
                             "Look at the difference, then publish again on top of it.", number=number, base=base))


class NoSuchVersion(MetadataError):
    """A version that was never published."""
