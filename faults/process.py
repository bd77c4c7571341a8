"""A worker or a clock that knows only the kinds of the fault runs: `python -m faults.process worker|clock`."""
import logging
import sys
from pathlib import Path

from runtime import worker
from runtime.kinds import kind


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    kind.use(kind.discover(folders=(Path(__file__).parent / "kinds",)))
    if sys.argv[1] == "clock":
        worker.run_clock()
    else:
        worker.run_worker(("default",))


if __name__ == "__main__":
    main()
