"""Start everything here: the servers where none are given, the web, the workers, the clock. Ctrl-C stops it all.

HOST and PORT (127.0.0.1:8000), CRM_HOME (.crm), ADMIN_NAME and ADMIN_PASSWORD for the first start, CRM_SEED (sales; empty for
none), CRM_SAMPLES=0 for an installation without sample records, CRM_WORKERS (processes for ordinary work, 1),
WEB_CONCURRENCY, DATABASE_URL, REDIS_URL.
"""
import os
import secrets
import socket
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from runtime.cli import ROOT
from runtime.cli.supervisor import Child, Supervisor, say
from runtime.db import embedded, schema
from runtime.db.transaction import reading
from runtime.values import HOUSE

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))


def run(options) -> dict:
    if _taken(options.host, options.port):
        return {"ok": False, "message": f"Port {options.port} is taken. Choose another: PORT=8001 make run"}
    os.environ["CRM_HOME"] = str(embedded.home())
    addresses = embedded.start()
    try:
        first = prepare()
        supervisor = Supervisor(_children(options), watched=embedded.start if addresses.embedded else None)
        status = supervisor.run(ready=lambda: _announce(options, first, supervisor))
    finally:
        if addresses.embedded:
            embedded.stop()
        say("crm", "Stopped.")
    return {"ok": status == 0}


def text(result: dict) -> str:
    return result.get("message", "")


def prepare(*, quiet: bool = False) -> dict:
    """Tables, an administrator, and on the first start the standard CRM; what a person must be told about it."""
    tell = (lambda *_: None) if quiet else say
    name, given = os.environ.get("ADMIN_NAME", "admin"), os.environ.get("ADMIN_PASSWORD")
    told = {"name": name, "password": None}
    schema.prepare()
    if _installed(name):
        return told
    from runtime.cli.ready import publish, ready  # here: a later start needs none of it, and is a second faster
    from runtime.exchange import samples
    from runtime.security import users

    tell("crm", "First start: preparing the database …")
    ready()
    if seed := _seed():
        tell("crm", f"Installing '{seed.name}' …")
        publish.install_seed(HOUSE.through("cli"), seed)
    password = given or secrets.token_urlsafe(12)
    _, made = users.ensure_admin(name, password)
    if made:
        told["password"] = "the one in ADMIN_PASSWORD" if given else password
        if seed and os.environ.get("CRM_SAMPLES", "1") != "0":
            tell("crm", "Adding sample records …")
            samples.take(users.actor_for(name, "cli"), seed / "records")
    return told


def _installed(name: str) -> bool:
    """Whether there is nothing left to do for a first start."""
    with reading() as connection:
        number = connection.scalar(sa.text("SELECT number FROM house.metadata_published"))
        admin = connection.scalar(sa.text("SELECT 1 FROM public.ab_user WHERE lower(username) = lower(:name)"), {"name": name})
    return bool(admin and (number or not os.environ.get("CRM_SEED", "sales")))


def _seed() -> Path | None:
    """The bundle of a first start; None when one is installed, or none is wanted."""
    wanted = os.environ.get("CRM_SEED", "sales")
    with reading() as connection:
        number = connection.scalar(sa.text("SELECT number FROM house.metadata_published"))
    return ROOT / "seeds" / wanted if wanted and not number else None


def _children(options) -> list[Child]:
    crm = [sys.executable, "-m", "runtime.cli"]
    web = [sys.executable, "-m", "gunicorn", "-c", "python:runtime.cli.gunicorn_settings", "--chdir", str(ROOT), "wsgi:app"]
    children = [Child("web", web, {"BIND": f"{options.host}:{options.port}"})]
    count = int(os.environ.get("CRM_WORKERS", "1"))
    for number in range(1, count + 1):
        children.append(Child("worker" if count == 1 else f"worker{number}", [*crm, "worker", "--queue", "default"], later=True))
    children.append(Child("slow", [*crm, "worker", "--queue", "slow"], later=True))
    children.append(Child("clock", [*crm, "clock"], later=True))
    return children


def _announce(options, first: dict, supervisor: Supervisor) -> None:
    while not supervisor.stopping and not _taken(options.host, options.port):
        time.sleep(0.1)
    if supervisor.stopping:
        return
    supervisor.hurry()
    host = "localhost" if options.host in ("0.0.0.0", "127.0.0.1", "::") else options.host
    say("crm", "")
    say("crm", f"  Banyan is ready at  http://{host}:{options.port}/")
    say("crm", f"  Log in as           {first['name']}")
    if first["password"]:
        say("crm", f"  Password            {first['password']}")
    else:
        say("crm", f"  Password            as set before (a new one: crm user password {first['name']})")
    say("crm", "  Ctrl-C stops it.")
    say("crm", "")


def _taken(host: str, port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1" if host == "0.0.0.0" else host, port), timeout=1).close()
        return True
    except OSError:
        return False
