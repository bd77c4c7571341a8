"""How gunicorn serves: loaded once and forked, a few threads each. `gunicorn -c python:runtime.cli.gunicorn_settings wsgi:app`.

WEB_CONCURRENCY (processes, 2), WEB_THREADS (each, 4), BIND (127.0.0.1:8000), WEB_TIMEOUT (seconds, 120),
ACCESS_LOG=1 for a line per request.
"""
import gc
import os

from runtime.cli import orphan
from runtime.web import log

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = True
timeout = int(os.environ.get("WEB_TIMEOUT", "120"))
graceful_timeout = 15
keepalive = 5
backlog = 512
limit_request_line = 8190
limit_request_fields = 60
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
loglevel = os.environ.get("WEB_LOG_LEVEL", "warning")
accesslog = None            # the house writes its own (runtime/web/log.py), which leaves out what lets in whoever knows it
proc_name = "banyan-web"


def on_starting(server) -> None:
    """The application is loaded, the workers are not forked yet: what is there stays shared between them."""
    if os.environ.get("ACCESS_LOG") == "1":
        log.to_standard_output()
    orphan.watch()
    gc.collect()
    gc.freeze()
