"""Start everything here: the servers where none are given, the web, the workers, the clock. Ctrl-C stops it all.

HOST and PORT (127.0.0.1:8000), CRM_HOME (.crm), ADMIN_NAME and ADMIN_PASSWORD for the first start, CRM_SAMPLES=0 for an
installation without sample records, CRM_WORKERS (processes for ordinary work, 1), WEB_CONCURRENCY, DATABASE_URL, REDIS_URL.
"""
import os
import secrets
import socket
import sys
import time

from runtime.cli import ROOT
from runtime.cli.ready import publish, ready
from runtime.cli.supervisor import Child, Supervisor, say
from runtime.db import embedded
from runtime.security import users
from runtime.tables import published
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


def prepare() -> dict:
    """Tables, an administrator, and on the first start the standard CRM; what a person must be told about it."""
    say("crm", "Preparing the database …")
    ready()
    told = {"name": os.environ.get("ADMIN_NAME", "admin"), "password": None}
    given = os.environ.get("ADMIN_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    if published.current().number == 0:
        say("crm", "First start: installing the standard CRM …")
        publish.install_seed(HOUSE.through("cli"), ROOT / "seeds" / "sales",
                             samples=os.environ.get("CRM_SAMPLES", "1") != "0")
    _, made = users.ensure_admin(told["name"], password)
    if made:
        told["password"] = "the one in ADMIN_PASSWORD" if given else password
    return told


def _children(options) -> list[Child]:
    crm = [sys.executable, "-m", "runtime.cli"]
    web = [sys.executable, "-m", "gunicorn", "-c", "python:runtime.cli.gunicorn_settings", "--chdir", str(ROOT), "wsgi:app"]
    children = [Child("web", web, {"BIND": f"{options.host}:{options.port}"})]
    count = int(os.environ.get("CRM_WORKERS", "1"))
    for number in range(1, count + 1):
        children.append(Child("worker" if count == 1 else f"worker{number}", [*crm, "worker", "--queue", "default"]))
    children.append(Child("slow", [*crm, "worker", "--queue", "slow"]))
    children.append(Child("clock", [*crm, "clock"]))
    return children


def _announce(options, first: dict, supervisor: Supervisor) -> None:
    while not supervisor.stopping and not _taken(options.host, options.port):
        time.sleep(0.1)
    if supervisor.stopping:
        return
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
