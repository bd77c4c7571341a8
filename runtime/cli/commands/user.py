"""Accounts: add one, set a password, list them, disable and enable."""
import getpass
import sys

from runtime.cli.ready import ready
from runtime.errors import Invalid
from runtime.security import store, users


def arguments(parser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="add an account")
    add.add_argument("name", help="what the person types to log in")
    add.add_argument("--role", action="append", default=[], metavar="ROLE", help="a published role, or administrator")
    add.add_argument("--email")
    add.add_argument("--full-name")
    add.add_argument("--inactive", action="store_true", help="may own records, cannot log in")
    password = verbs.add_parser("password", help="set a new password")
    password.add_argument("name")
    for one in (add, password):
        one.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    for verb in ("disable", "enable"):
        verbs.add_parser(verb, help=f"{verb} an account").add_argument("name")
    role = verbs.add_parser("role", help="give exactly these roles")
    role.add_argument("name")
    role.add_argument("role", nargs="*")
    verbs.add_parser("list", help="list accounts")
    for one in verbs.choices.values():
        one.add_argument("--json", action="store_true", default=False, help="answer in JSON")


def run(options) -> dict:
    ready()
    return {"add": _add, "password": _password, "disable": _disable, "enable": _enable, "role": _role,
            "list": _list}[options.verb](options)


def _add(options) -> dict:
    password = None if options.inactive else _asked(options)
    made = users.create(options.name, roles=options.role, password=password, email=options.email,
                        full_name=options.full_name, active=not options.inactive)
    return {"id": made, "name": options.name, "roles": list(users.get(made).roles)}


def _password(options) -> dict:
    person = users.get(options.name)
    users.set_password(person.id, _asked(options))
    return {"id": person.id, "name": person.username}


def _disable(options) -> dict:
    users.disable(users.get(options.name).id)
    return {"name": options.name, "active": False}


def _enable(options) -> dict:
    users.enable(users.get(options.name).id)
    return {"name": options.name, "active": True}


def _role(options) -> dict:
    person = users.get(options.name)
    users.set_roles(person.id, options.role)
    return {"name": options.name, "roles": list(users.get(person.id).roles)}


def _list(_options) -> dict:
    return {"users": [{"id": person.id, "name": person.username, "full_name": person.name, "email": person.email,
                       "roles": list(person.roles), "active": person.active} for person in store.people(limit=10_000)]}


def _asked(options) -> str:
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password: ")
    if not password:
        raise Invalid({"password": ["A password is required."]})
    return password


def text(result: dict) -> str:
    if "users" in result:
        return "\n".join(f"{one['id']:>5}  {one['name']:<24} {', '.join(one['roles']):<30} "
                         f"{'' if one['active'] else 'inactive'}" for one in result["users"])
    return " · ".join(f"{name} {value if not isinstance(value, list) else ', '.join(value)}"
                      for name, value in result.items())
