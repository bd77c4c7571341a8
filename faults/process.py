"""A worker or a clock that knows only the kinds of the fault runs: `python -m faults.process worker|clock`.

FAULT_CLOCK: how many seconds its clock goes ahead.
"""
import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runtime import worker
from runtime.db import clock
from runtime.kinds import kind


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    kind.use(kind.discover(folders=(Path(__file__).parent / "kinds",)))
    ahead = timedelta(seconds=float(os.environ.get("FAULT_CLOCK", "0")))
    clock.now = lambda: datetime.now(UTC) + ahead
    if sys.argv[1] == "clock":
        worker.run_clock()
    else:
        worker.run_worker(("default",))


if __name__ == "__main__":
    main()
