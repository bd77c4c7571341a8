"""Ring for what is due, take back what a lost worker had, fire chores; until told to stop."""
from runtime import worker
from runtime.cli import orphan

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("--once", action="store_true", help="one look, and end")


def run(options) -> dict:
    if options.once:
        worker.prepare()
        worker.tick()
        return {}
    orphan.watch()
    worker.run_clock()
    return {}
