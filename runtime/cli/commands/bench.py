"""Measure this product, the floor and raw PostgreSQL side by side; the same as `make bench`."""
import subprocess
import sys

from runtime.cli import ROOT

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("rest", nargs="*", help="handed to the benchmark")


def run(options) -> dict:
    done = subprocess.run([sys.executable, "-m", "bench", *options.rest, *(["--json"] if options.json else [])], cwd=ROOT)
    sys.exit(done.returncode)
