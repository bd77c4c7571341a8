"""The properties of merging, upgrading and uninstalling, each tried on thousands of random cases: `FAULT_CASES` of them."""
import os

import pytest

from runtime.cli.ready import ready
from tests.metadata import test_merge, test_overlay

CASES = int(os.environ.get("FAULT_CASES", "5000"))
PROPERTIES = [each.hypothesis.inner_test for module in (test_merge, test_overlay) for name, each in vars(module).items()
              if name.startswith("test_") and hasattr(each, "hypothesis")]

pytestmark = pytest.mark.timeout(7200)


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda one: one.__name__)
def test_it_holds_in_every_case(holds):
    ready()
    broken = []
    for seed in range(CASES):
        try:
            holds(seed)
        except AssertionError as problem:
            broken.append((seed, str(problem)[:300]))
    assert broken == []
