"""A proof: what must hold of definitions before they are published. One file per way to prove it."""
from collections.abc import Sequence

from metadata.definitions import Definitions
from metadata.errors import Problem
from runtime.kinds.kind import Kind


class Proof(Kind):
    family = "proofs"

    def red(self, live: Definitions, draft: Definitions, *, whole: bool) -> Sequence[Problem]:
        """A problem for each thing that does not hold. Of sound definitions; writes nothing. whole: look at all of it, not
        only at what the changes between both can touch."""
        raise NotImplementedError
