"""The recorder: an admin works on the usual screens, and what was done becomes a test to look at and keep.

It is real work on real records, through the real pipeline; a banner says so on every page until it ends.
"""
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import flask
from flask import g, request

from builder import draft as drafts
from builder import proposal, recording, scenario_words, studio
from builder.branches import may_see_as
from metadata.model.scenario import Scenario
from runtime.errors import Invalid, Refused
from runtime.locale.text import _
from runtime.publish import service
from runtime.records import scenarios as runner
from runtime.records import watch
from runtime.security import policy
from runtime.tables.published import current
from runtime.web import htmx, policies
from runtime.web.actor import current_actor, local_path, somebody
from runtime.web.policies import builder

recorder = flask.Blueprint("recorder", __name__, url_prefix="/builder/scenarios/record")

RECORDING = "recording"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
VERBS = {("POST", False): "create", ("PUT", True): "update", ("DELETE", True): "delete"}
"""{(method, whether a record is named): verb}."""


@recorder.post("")
@builder
def begin() -> flask.Response:
    """role: whose rights one works with meanwhile; empty for one's own."""
    actor, role = current_actor(), request.form.get("role", "")
    service.require(actor)
    if role and role not in drafts.current(actor).live.roles:
        raise Invalid({"role": [_("There is no role '%(name)s'.", name=role[:60])]})
    if role and not may_see_as(actor, role):
        raise Refused(_("Only an administrator can look at records as somebody of another role."))
    recording.begin(actor, role)
    flask.session[RECORDING] = [role]
    return htmx.go(local_path(request.form.get("place") or "/"))


@recorder.post("/stop")
@builder
def stop() -> flask.Response:
    flask.session.pop(RECORDING, None)
    return htmx.go("/builder/scenarios/record")


@recorder.get("")
@builder
def look() -> flask.Response:
    """What the recording proposes."""
    return _page({})


@recorder.post("/keep")
@builder
def keep() -> flask.Response:
    """The ticked ones go into the draft, under the label somebody gave them."""
    actor = current_actor()
    draft = drafts.current(actor)
    wanted = proposal.named([_labelled(each, request.form.get(f"label.{number}", ""))
                              for number, (each, _outcome) in enumerate(_proposed(draft)) if f"keep.{number}" in request.form],
                             draft.definitions)
    if not wanted:
        return _page({"": [_("Tick at least one test, or throw the recording away.")]}, status=422)
    try:
        documents = [drafts.document(each.path, each.to_json()) for each in wanted]
    except Invalid as problem:
        return _page(problem.errors, status=422)

    def put(known: Any) -> Any:
        for each in documents:
            known = known.with_document(each)
        return known

    drafts.change(actor, _("Add what was recorded as a test: %(test)s.", test=wanted[0].label), put)
    recording.drop(actor)
    return htmx.go(f"/builder/scenarios/{wanted[0].name}", {"toast": {"text": _("Saved in the draft."), "undo": "/builder/undo"}})


@recorder.post("/drop")
@builder
def drop() -> flask.Response:
    flask.session.pop(RECORDING, None)
    recording.drop(current_actor())
    return htmx.go("/builder/scenarios", {"toast": {"text": _("The recording is thrown away. The records stay as they are.")}})


@recorder.before_app_request
def attend() -> None:
    """Pages outside the builder are worked on with the role's rights; what is written there is noted."""
    held, who = flask.session.get(RECORDING) if flask.session else None, somebody()
    view = flask.current_app.view_functions.get(request.endpoint) if request.endpoint else None
    if not held or who is None or request.path.startswith(("/builder", "/api/", "/logout", "/me")) \
            or policies.of(view) not in (policies.SIGNED_IN, policies.ADMIN) or not policy.may_build(who):
        return
    [role] = held
    if role and not may_see_as(who, role):           # it was theirs when they began
        flask.session.pop(RECORDING, None)
        return
    g.recording = {"role": role, "who": who}
    if role:
        g.actor = replace(who, everything=False, roles=(role,))
    if request.method in WRITES:
        g.recorder = recording.Recorder(who)
        g.recording_ends = ExitStack()
        g.recording_ends.enter_context(watch.watching(g.recorder))


@recorder.after_app_request
def turned_away(response: flask.Response) -> flask.Response:
    """A page that lets nobody of this role in refuses before any verb is asked; that is noted, too."""
    seen, named = g.get("recorder"), request.view_args or {}
    verb = VERBS.get((request.method, "record_id" in named))
    if seen is not None and not seen.lines and response.status_code == 403 and verb and "module" in named:
        given = {name: value for name, value in request.form.items() if name in current().module(named["module"]).by_name}
        arguments = (named["module"], *([named["record_id"]] if "record_id" in named else ()), given)
        seen.asked(verb, arguments)
        seen.ended(verb, arguments, Refused(""))
    return response


@recorder.teardown_app_request
def leave(_problem: BaseException | None) -> None:
    ends = g.pop("recording_ends", None)
    if ends is not None:
        ends.close()
    seen = g.pop("recorder", None)
    if seen is not None and seen.lines:
        recording.add(g.recording["who"], seen.lines)


@recorder.app_context_processor
def told_of() -> dict[str, Any]:
    return {"recording": g.get("recording")}


def _proposed(draft: drafts.Draft) -> list[tuple[Scenario, runner.Outcome | None]]:
    """With how each ends when it is run. A refusal is expected in the words of the definitions, not in those the recorder read."""
    actor = current_actor()
    held = recording.of(actor)
    proposed = proposal.proposals(draft.definitions, actor, held) if held else []
    outcomes = _tried(draft, proposed)
    return [(proposal.saying(each, outcomes[each.name].refusal) if each.name in outcomes else each, outcomes.get(each.name))
            for each in proposed]


def _labelled(scenario: Scenario, label: str) -> Scenario:
    return replace(scenario, label=label.strip()[:120] or scenario.label)


def _page(errors: dict[str, list[str]], status: int = 200) -> flask.Response:
    """Each proposal is run at once, so that somebody sees whether it holds."""
    draft = drafts.current(current_actor())
    shown = [{"number": number, "scenario": each, "lines": scenario_words.lines(draft.definitions, each), "outcome": outcome}
             for number, (each, outcome) in enumerate(_proposed(draft))]
    return studio.answer("builder/recorded.html", "work", draft=draft, proposals=shown, errors=errors, status=status)


def _tried(draft: drafts.Draft, proposed: list[Scenario]) -> dict[str, runner.Outcome]:
    definitions = draft.definitions
    for each in proposed:
        definitions = definitions.with_document(each)
    plan = service.plan(definitions, forecast=False)
    if plan.problems or not proposed:
        return {}
    return {each.scenario.name: each for each in runner.run(plan.definitions, [each.name for each in proposed])}
