"""A child of `crm run` ends itself when `crm run` was killed, so that no worker is left without its family."""
import os
import signal
import threading
import time

PARENT = "CRM_PARENT"


def watch() -> None:
    """From now on, SIGTERM to ourselves when the process named by CRM_PARENT is not our parent any more."""
    parent = int(os.environ.get(PARENT, "0"))
    if parent:
        threading.Thread(target=_look, args=(parent,), name="orphan", daemon=True).start()


def _look(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
