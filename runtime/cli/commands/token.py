"""Make a new API key for a user and print it, this once."""
from runtime.cli.ready import ready
from runtime.security import users


def arguments(parser) -> None:
    parser.add_argument("user", help="user name or email address")
    parser.add_argument("--name", default="API key", help="what to call it in the list of keys")


def run(options) -> dict:
    ready()
    return {"token": users.token(options.user, options.name)}


def text(result: dict) -> str:
    return result["token"]
