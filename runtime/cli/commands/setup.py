"""Bring the database up to date and, the first time, add the administrator and the standard CRM; then end.

`crm run` does this by itself. For installations whose processes run one by one: ADMIN_NAME, ADMIN_PASSWORD, CRM_SEED, CRM_SAMPLES.
"""
from runtime.cli.commands.run import prepare
from runtime.db import schema
from runtime.db.transaction import reading


def arguments(parser) -> None:
    pass


def run(options) -> dict:
    told = prepare(quiet=options.json)
    with reading() as connection:
        return {"tables": schema.revision(connection), "admin": told["name"], "password": told["password"]}


def text(result: dict) -> str:
    made = f" Log in as {result['admin']}, password: {result['password']}." if result["password"] else ""
    return f"The tables are at {result['tables']}.{made}"
