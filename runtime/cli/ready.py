"""What most commands need first: tables up to date, kinds and listeners known, the newest published version."""
from runtime import publish
from runtime.db import schema
from runtime.kinds import listeners
from runtime.kinds.kind import catalogue
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE, Actor

__all__ = ["actor", "add_argument", "publish", "ready"]


def ready() -> None:
    """Call before the first question to the database."""
    schema.prepare()
    listeners.register(catalogue())
    published.refresh()


def add_argument(parser) -> None:
    parser.add_argument("--as", dest="person", metavar="USER", help="act as this user (default: the house itself)")


def actor(options) -> Actor:
    """Who acts: the person named by --as, else the house; through the channel "cli"."""
    person = getattr(options, "person", None)
    return users.actor_for(person, "cli") if person else HOUSE.through("cli")
