"""Plans for programs that may have to wait: a worker checks the values of large modules, nothing is published before."""
import time
from datetime import timedelta
from typing import Any

import flask

from builder import wire
from metadata.definitions import Definitions
from runtime.locale.text import _
from runtime.publish import service
from runtime.publish.service import Plan
from runtime.values import Actor

ENOUGH = timedelta(minutes=10)
"""So old a check of values may be when somebody who saw it publishes, though records changed since."""
PATIENCE = 10.0
"""Seconds a program that asks for a plan waits at most."""


def looked(actor: Actor, definitions: Definitions, patience: float = 0.0) -> Plan:
    until = time.monotonic() + patience
    while (made := service.look(actor, definitions, fresh=ENOUGH)).checking and time.monotonic() < until:
        time.sleep(0.5)
    return made


def under_way(made: Plan) -> list[dict[str, Any]]:
    return [{"field": each.label, "done": each.done, "last": each.last, "fails": each.fails} for each in made.checking]


def unchecked(made: Plan) -> flask.Response:
    return wire.problem(409, "checking", refusal(), checking=under_way(made))


def refusal() -> str:
    return _("Values are still being checked. Publish when it is known which of them do not convert.")
