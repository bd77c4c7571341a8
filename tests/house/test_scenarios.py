"""The tests inside the seeds are green, each upon what it extends, within seconds."""
import time
from pathlib import Path

import pytest

from runtime import publish
from runtime.records import scenarios

SEEDS = sorted(file.parent for file in Path("seeds").glob("*/seed.json") if (file.parent / "scenarios").is_dir())


@pytest.mark.parametrize("folder", SEEDS, ids=lambda folder: folder.name)
def test_every_scenario_of_a_seed_is_green(folder, database):
    definitions = publish.with_extended(folder)
    started = time.process_time()

    found = scenarios.run(definitions)

    assert [f"{each.scenario.name} {each.step}: {each.sentence}" for each in found if not each.passed] == []
    assert len(found) >= 8
    assert time.process_time() - started < 30
