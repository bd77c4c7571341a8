"""Proofs before publishing: what is red keeps definitions from being published, unless somebody says why not."""
from collections.abc import Sequence

from metadata.definitions import Definitions
from metadata.errors import Problem
from runtime.errors import Red
from runtime.kinds.kind import catalogue
from runtime.locale.text import _


def red(live: Definitions, draft: Definitions, *, whole: bool = False) -> list[Problem]:
    """What does not hold of sound definitions: of what changes, or of all of them."""
    return [problem for proof in catalogue().all("proofs") for problem in proof.red(live, draft, whole=whole)]


def require(found: Sequence[Problem], override: str) -> str:
    """What the version's note says beside its own words: why red tests were passed over. Raises Red without a reason."""
    if not found:
        return ""
    if not override.strip():
        raise Red(found)
    return _("Tests passed over (%(count)s): %(reason)s", count=len(found), reason=override.strip()[:500])


def noted(note: str, said: str) -> str:
    return f"{note} {said}".strip()
