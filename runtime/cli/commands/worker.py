"""Answer the doorbell: handle events, imports, exports and chores until told to stop."""
from runtime import worker
from runtime.cli import orphan

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("--queue", action="append", choices=("default", "slow"), help="only this queue (default: both)")
    parser.add_argument("--once", action="store_true", help="do what is due now, and end")


def run(options) -> dict:
    queues = tuple(options.queue or ("default", "slow"))
    if options.once:
        worker.prepare()
        return {"handled": worker.drain_all(queues)}
    orphan.watch()
    worker.run_worker(queues)
    return {}
