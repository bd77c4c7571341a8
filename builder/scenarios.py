"""Scenarios: the tests inside the definitions, in plain words, run on the draft with one press."""
import re
from typing import Any

import flask
from flask import request

from builder import choices, place_words, recording, scenario_words, studio
from builder import draft as drafts
from builder.draft import Draft
from builder.ids import new_id
from metadata.definitions import Definitions
from metadata.model.scenario import Scenario
from runtime.errors import Invalid, NotFound
from runtime.locale.text import _, lazy
from runtime.publish import service
from runtime.records import scenarios as runner
from runtime.web import htmx, json
from runtime.web.actor import current_actor
from runtime.web.policies import api, builder

scenarios = flask.Blueprint("scenarios", __name__, url_prefix="/builder/scenarios")
scenarios_api = flask.Blueprint("scenarios_api", __name__, url_prefix="/api/v1/metadata/scenarios")

studio.entry(lazy("Tests"), "/builder/scenarios", "circle-check", group=studio.SHIP, position=15, noun="scenarios")

PATIENCE = 20.0
"""Seconds a page waits for all of them."""


@scenarios.get("")
@builder
def listing() -> flask.Response:
    return _listing(drafts.current(current_actor()), {})


@scenarios.post("/run")
@builder
def run() -> flask.Response:
    """All of them, or the one that is named, on the draft."""
    draft, only = drafts.current(current_actor()), request.form.get("only", "")
    problem, found = _outcomes(draft.definitions, [only] if only else [])
    if only and request.form.get("from") == "page":
        return _page(draft, _scenario(draft, only), found.get(only), problem)
    return _listing(draft, found, problem)


@scenarios.get("/affected")
@builder
def affected() -> flask.Response:
    """For the review: those that the draft's changes can touch."""
    draft = drafts.current(current_actor())
    plan = service.plan(draft.definitions, forecast=False)
    asked = [] if plan.problems else runner.affected(draft.live, plan.definitions)
    outcomes = runner.run(plan.definitions, asked, patience=PATIENCE) if asked else []
    flask.g.definitions = draft.definitions
    return htmx.part("builder/parts/proofs.html", "proofs", outcomes=outcomes, asked=len(asked))


@scenarios.get("/<name>")
@builder
def show(name: str) -> flask.Response:
    draft = drafts.current(current_actor())
    return _page(draft, _scenario(draft, name))


@scenarios.post("/<name>/copy")
@builder
def copy(name: str) -> flask.Response:
    draft = drafts.current(current_actor())
    found = _scenario(draft, name)
    made = _called(draft, f"{found.name[:32]}_copy")
    document = drafts.document(f"scenarios/{made}", found.to_json() | {
        "id": new_id("scn"), "name": made, "label": _("%(label)s (copy)", label=found.label)[:120]})
    drafts.change(current_actor(), _("Copy the test '%(test)s'.", test=found.label), lambda known: known.with_document(document))
    return htmx.go(f"/builder/scenarios/{made}")


@scenarios.post("/<name>/remove")
@builder
def remove(name: str) -> flask.Response:
    found = _scenario(drafts.current(current_actor()), name)
    drafts.change(current_actor(), _("Remove the test '%(test)s'.", test=found.label), lambda known: known.without(found.path))
    return htmx.go("/builder/scenarios", {"toast": {"text": _("Saved in the draft."), "undo": "/builder/undo"}})


# For programs

@scenarios_api.post("/run")
@api
def run_for_clients() -> flask.Response:
    """{"draft": name, "only": [names], "affected": true for those the draft's changes can touch}."""
    actor = current_actor()
    service.require(actor)
    body = json.loads(request.get_data(cache=False) or b"{}")
    if not isinstance(body, dict) or not isinstance(body.get("only", []), list):
        raise Invalid({"only": [_("Send one JSON object; 'only' is a list of names.")]})
    name = str(body.get("draft", "-"))
    draft = drafts.current(actor, "" if name == "-" else name[:60])
    plan = service.plan(draft.definitions, forecast=False)
    if plan.problems:
        raise Invalid(drafts.by_place(plan.problems))
    only = [str(each) for each in body.get("only", [])]
    if body.get("affected") is True:
        only = [each for each in runner.affected(draft.live, plan.definitions) if not only or each in only]
    found = runner.run(plan.definitions, only, patience=PATIENCE) if only or body.get("affected") is not True else []
    told = {"ok": all(each.passed for each in found), "scenarios": [
        {"name": each.scenario.name, "label": each.scenario.label, "passed": each.passed, "step": each.step,
         "message": each.sentence, "seconds": round(each.seconds, 3)} for each in found]}
    return flask.Response(json.dumps(told), mimetype="application/json")


# Inside

def _outcomes(definitions: Definitions, only: list[str]) -> tuple[str, dict[str, Any]]:
    """(why they cannot be run, {name: outcome})."""
    plan = service.plan(definitions, forecast=False)
    if plan.problems:
        return _("Mend the draft first: %(problem)s", problem=place_words.told(plan.definitions, plan.problems[0])), {}
    return "", {each.scenario.name: each for each in runner.run(plan.definitions, only, patience=PATIENCE)}


def _listing(draft: Draft, outcomes: dict[str, Any], problem: str = "") -> flask.Response:
    shown = [{"scenario": each, "outcome": outcomes.get(each.name)} for each in draft.definitions.of(Scenario)]
    roles = [(role.name, choices.of_document(draft.live, role)) for role in draft.live.roles.values()]
    held = recording.of(current_actor())
    return studio.answer("builder/scenarios.html", "work", draft=draft, scenarios=shown, problem=problem, roles=roles,
                         recorded=len(held["lines"]) if held else 0,
                         ran=len(outcomes), red=sum(not each.passed for each in outcomes.values()),
                         status=422 if problem else 200)


def _page(draft: Draft, scenario: Scenario, outcome: Any = None, problem: str = "") -> flask.Response:
    return studio.answer("builder/scenario.html", "work", draft=draft, scenario=scenario, outcome=outcome, problem=problem,
                         lines=scenario_words.lines(draft.definitions, scenario), status=422 if problem else 200)


def _scenario(draft: Draft, name: str) -> Scenario:
    found = draft.definitions.documents.get(f"scenarios/{name}")
    if not isinstance(found, Scenario):
        raise NotFound(_("There is no test '%(name)s' in this draft.", name=name[:60]))
    return found


def _called(draft: Draft, name: str) -> str:
    """An api name that is free."""
    stem = re.sub(r"_+", "_", name)[:36].strip("_")
    taken = {each.name for each in draft.definitions.of(Scenario)}
    return next(each for each in (stem, *(f"{stem}_{number}" for number in range(2, 999))) if each not in taken)
