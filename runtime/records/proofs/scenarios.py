"""Scenarios: the tests inside a package, run through the record pipeline in tables nobody else sees."""
from collections.abc import Sequence

from metadata.definitions import Definitions
from metadata.errors import Problem
from runtime.kinds.proof import Proof
from runtime.records import scenarios


class Scenarios(Proof):
    name = "scenarios"
    label = "Tests"

    def red(self, live: Definitions, draft: Definitions, *, whole: bool) -> Sequence[Problem]:
        asked = () if whole else scenarios.affected(live, draft)
        if not whole and not asked:
            return ()
        return [scenarios.problem_of(each) for each in scenarios.run(draft, asked) if not each.passed]
