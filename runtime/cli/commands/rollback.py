"""Publish an earlier version again (default: the one before the present one). No value is lost."""
from runtime.cli.ready import actor, add_argument, publish, ready
from runtime.tables import published


def arguments(parser) -> None:
    parser.add_argument("version", nargs="?", type=int)
    add_argument(parser)


def run(options) -> dict:
    ready()
    wanted = options.version if options.version is not None else published.current().number - 1
    return {"restored": wanted, "version": publish.rollback(actor(options), wanted)}


def text(result: dict) -> str:
    return f"Published version {result['version']}: version {result['restored']} as it was."
