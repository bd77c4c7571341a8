"""Run the scenarios of definitions: in tables that exist for one transaction only, through the real record pipeline.

Nothing of it is ever committed: no record, no event, no counter, no history (tables/trial.py).
"""
import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from metadata import mentions, scenarios
from metadata.definitions import Definitions
from metadata.errors import Problem
from metadata.model.scenario import Scenario
from runtime.db import outbox
from runtime.db.engine import dumps, loads
from runtime.db.transaction import Transaction
from runtime.errors import BadQuery, RuntimeProblem
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, speaking
from runtime.records.stage import Stage, people, told
from runtime.tables import trial
from runtime.values import Actor, Event

log = logging.getLogger(__name__)
MOST = 300
"""Scenarios of one set of definitions that are run in one go."""
PATIENCE = 60.0
"""Seconds all of them may take together; the rest is red."""
CHAIN = 16
"""How far events may set off events."""


@dataclass(frozen=True)
class Outcome:
    """step: where it went wrong: "given.acme", "when.1", "then.0"; "" where all is well. sentence: what went wrong.

    refusal: what the last step was refused with, in the words of the definitions.
    """
    scenario: Scenario
    passed: bool
    step: str = ""
    sentence: str = ""
    seconds: float = 0.0
    refusal: str = ""


class _Broken(Exception):
    def __init__(self, step: str, sentence: str):
        super().__init__(sentence)
        self.step, self.sentence = step, sentence


class _Done(Exception):
    """All is well; take it back all the same."""


def run(definitions: Definitions, only: Collection[str] = (), *, patience: float = PATIENCE) -> list[Outcome]:
    """Of sound definitions (no plan.problems), every scenario or only those named, in order. Raises Unavailable."""
    asked = [each for each in definitions.of(Scenario) if not only or each.name in only]
    if not asked:
        return []
    cast = people(definitions)
    rows = [{"id": actor.user_id, "name": actor.name, "email": f"{role or 'admin'}@scenario.invalid"}
            for role, actor in cast.items()]
    modules = {name for each in asked for name in scenarios.modules(each)}
    deadline = time.monotonic() + patience
    found = []
    with trial.trial(definitions, modules, rows) as tx:
        for number, each in enumerate(asked):
            if number >= MOST or time.monotonic() > deadline:
                found.append(Outcome(each, False, "", _("It was not run: the tests before it took too long.")))
            else:
                found.append(_one(tx, each, cast))
    return found


def affected(live: Definitions, draft: Definitions) -> list[str]:
    """Names of the draft's scenarios that a change between both may turn red: those about a module that changed, or that
    leans on one that did; all of them where something changed that belongs to no module."""
    before, after = live.documents, draft.documents
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    touched: set[str] = set()
    for path in changed:
        document = after.get(path) or before[path]
        if isinstance(document, Scenario):
            continue
        home = document.name if path.startswith("modules/") else getattr(document, "module", "")
        if home and home in draft.modules:
            touched.add(home)
        elif not path.startswith(_LOOKS):
            return [each.name for each in draft.of(Scenario)]
    leaning = _leaning(draft) if touched else {}
    return [each.name for each in draft.of(Scenario)
            if each.path in changed or _reached(scenarios.modules(each), leaning) & touched]


def _leaning(definitions: Definitions) -> dict[str, set[str]]:
    """{module: the modules that its fields, rules, buttons and conversion name}."""
    found: dict[str, set[str]] = {}
    for path, document in definitions.documents.items():
        home = document.name if path.startswith("modules/") else getattr(document, "module", "")
        if home and not path.startswith(_LOOKS):
            found.setdefault(home, set()).update(mentions.of(document, catalogue()).modules)
    return found


def _reached(begun: Collection[str], leaning: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(begun)
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting.extend(leaning.get(name, ()))
    return found


_LOOKS = ("translations/", "themes/", "views/", "layouts/")


def problem_of(outcome: Outcome) -> Problem:
    where = f"{outcome.scenario.path}#{outcome.step}" if outcome.step else outcome.scenario.path
    return Problem(where, _("“%(label)s” is red: %(reason)s", label=outcome.scenario.label, reason=outcome.sentence))


def _one(tx: Transaction, scenario: Scenario, cast: dict[str, Actor]) -> Outcome:
    started = time.perf_counter()
    broken, stage = None, Stage(cast)
    try:
        with tx.savepoint():
            _play(tx, scenario, stage)
            raise _Done
    except _Done:
        pass
    except _Broken as problem:
        broken = problem
    tx.events.clear()
    tx.after_commit.clear()
    step, sentence = (broken.step, broken.sentence) if broken else ("", "")
    return Outcome(scenario, broken is None, step, sentence, time.perf_counter() - started,
                   told(stage.refusals[stage.steps - 1]) if stage.steps - 1 in stage.refusals else "")


def _play(tx: Transaction, scenario: Scenario, stage: Stage) -> None:
    for given in scenario.given:
        _act(tx, f"given.{given['name']}", lambda given=given: stage.give(given))
    stage.steps = len(scenario.when)
    refusable = {catalogue().get("expectations", each["expect"]).refused(dict(each.get("settings", {})), stage.steps)
                 for each in scenario.then}
    for position, each in enumerate(scenario.when):
        step = catalogue().get("scenario_steps", each["step"])
        try:
            _act(tx, f"when.{position}", lambda step=step, each=each: step.run(stage, dict(each.get("settings", {}))),
                 refusable=position in refusable)
        except RuntimeProblem as refusal:
            stage.refusals[position] = refusal
    for position, each in enumerate(scenario.then):
        expectation = catalogue().get("expectations", each["expect"])
        where = f"then.{position}"
        try:
            with tx.savepoint():
                sentence = expectation.broken(stage, dict(each.get("settings", {})))
        except RuntimeProblem as problem:
            raise _Broken(where, told(problem)) from None
        except Exception as problem:
            raise _Broken(where, _failed(problem)) from None
        if sentence:
            raise _Broken(where, sentence)


def _act(tx: Transaction, where: str, act: Any, *, refusable: bool = False) -> None:
    """In a savepoint of its own, with what it sets off. Raises the refusal itself where it may be refused, else _Broken."""
    try:
        with tx.savepoint(), speaking("en"):
            act()
            _hear(tx)
    except BadQuery as problem:
        raise _Broken(where, told(problem)) from None
    except RuntimeProblem as problem:
        if refusable:
            raise
        raise _Broken(where, _("It was refused: %(reason)s", reason=told(problem))) from None
    except _Broken:
        raise
    except Exception as problem:                     # a kind's mistake makes this one red, and lets the others run
        raise _Broken(where, _failed(problem)) from None


def _failed(problem: Exception) -> str:
    log.warning("A scenario failed.", exc_info=problem)
    return _("It could not be run: %(problem)s", problem=f"{type(problem).__name__}: {problem}"[:300])


def _hear(tx: Transaction) -> None:
    """What workers would do with the events so far, at once; only by handlers that reach nothing beyond the records."""
    for _round in range(CHAIN):
        events, tx.events[:] = list(tx.events), []
        if not events:
            return
        for emitted in events:
            event = _delivered(emitted)
            for handler in catalogue().all("event_handlers"):
                if handler.tried and event.name in handler.events and handler.wants(event):
                    handler.handle(event, tx)


def _delivered(emitted: outbox.Emitted) -> Event:
    """As it comes back from the outbox."""
    event = emitted.event
    return Event(event.id, event.name, event.at, event.actor_id, event.channel, event.module, event.record_id,
                 loads(dumps(dict(event.payload))), event.caused_by, event.depth)
