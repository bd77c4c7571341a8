"""Publishing, for programs: now, by a worker, or at a time; and back to a version before.

POST /api/v1/metadata/publish, GET /publishing/<n>, …/pause, …/resume, …/cancel, POST /rollback.
"""
import flask

from builder import draft as drafts
from builder import later, value_checks, versions, wire
from builder.review import job_of
from metadata.changes import between
from runtime.errors import BadQuery, Conflict
from runtime.locale.text import _
from runtime.publish import impact, jobs, service
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients
from runtime.web.policies import takes

api = flask.Blueprint("publishing_api", __name__, url_prefix="/api/v1/metadata")
api.before_request(wire.only_builders)


@api.post("/publish")
@for_clients
@takes(wire.LARGEST)
def publish() -> flask.Response:
    """{"draft": name, "note", "confirm": [keys of hazards], "override": why red tests may be passed over, "at": a day and
    time with an offset, to publish this draft then}. 409 with what others published, 422 with what is not ticked or red."""
    actor, body = current_actor(), wire.body()
    definitions, base, held = wire.meant(actor, body)
    if held is not None and held.behind:
        return _came_second(held.base, held.number)
    made = value_checks.looked(actor, definitions)
    found = impact.of(made)
    if made.checking:
        return value_checks.unchecked(made)
    if not made.problems and (left := found.unticked(wire.listed(body, "confirm"))):
        return _unconfirmed(left)
    if "at" in body and not made.problems:
        if held is None:
            raise BadQuery(_("Only a draft can be published at a time: put the documents into one first."))
        due = later.asked_by_program(body["at"])
        begun = jobs.begin(actor, definitions, base=held.base, name=held.name, note=str(body.get("note", ""))[:500],
                           override=str(body.get("override", ""))[:500], due=due,
                           ticked=wire.listed(body, "confirm"))
        return wire.answer({"publishing": begun, "at": due}, 202)
    if held is not None and found.long and not made.problems:
        begun = jobs.begin(actor, definitions, base=held.base, name=held.name, note=str(body.get("note", ""))[:500],
                           override=str(body.get("override", "")))
        return wire.answer({"publishing": begun}, 202)
    try:
        number = service.publish(actor, definitions, base=base, note=str(body.get("note", ""))[:500],
                                 override=str(body.get("override", "")))
    except Conflict as problem:
        if getattr(problem, "difference", None) is None:
            raise
        return wire.problem(409, "conflict", problem.message, number=problem.number, changes=problem.difference)
    if held is not None:
        drafts.published(actor, held)
    return wire.answer({"number": number, "changes": made.sentences}, 201)


@api.get("/publishing/<int:number>")
@for_clients
def publishing(number: int) -> flask.Response:
    """How far a publishing is that a worker carries out (202), or when it will be."""
    job = job_of(current_actor(), number)
    return wire.answer({"state": job.state, "field": job.field, "done": job.done, "last": job.last, "number": job.number,
                        "problem": job.problem, "at": job.due_at})


@api.post("/publishing/<int:number>/pause")
@for_clients
def pause(number: int) -> flask.Response:
    job_of(current_actor(), number)
    jobs.pause(number)
    return wire.answer({"state": jobs.get(number).state})


@api.post("/publishing/<int:number>/resume")
@for_clients
def resume(number: int) -> flask.Response:
    actor = current_actor()
    job_of(actor, number)
    jobs.resume(actor, number)
    return wire.answer({"state": jobs.get(number).state})


@api.post("/publishing/<int:number>/cancel")
@for_clients
def cancel(number: int) -> flask.Response:
    """Of one that waits for its time; 409 where it is too late."""
    job_of(current_actor(), number)
    if not jobs.cancel(number):
        raise Conflict(_("It is too late for that."))
    return wire.answer({"state": jobs.get(number).state})


@api.post("/rollback")
@for_clients
def rollback() -> flask.Response:
    """{"version": n, "note", "confirm"}. A worker does it (202) where many values change their type."""
    body = wire.body()
    version = body.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadQuery(_("'%(name)s' is a whole number.", name="version"))
    actor, definitions, note = current_actor(), versions.at(version), str(body.get("note", ""))[:500]
    made = value_checks.looked(actor, definitions)
    service.require(actor, made.changes)
    found = impact.of(made)
    if made.checking:
        return value_checks.unchecked(made)
    if left := found.unticked(wire.listed(body, "confirm")):
        return _unconfirmed(left)
    if found.long and not made.problems:
        begun = jobs.begin(actor, definitions, base=made.base, note=note or f"Back to version {version}.", proven=True)
        return wire.answer({"publishing": begun}, 202)
    return wire.answer({"number": service.rollback(actor, version, note=note)}, 201)


def _came_second(base: int, number: int) -> flask.Response:
    changes = [str(each) for each in between(versions.at(base), versions.at(number))]
    return wire.problem(409, "conflict", _("Somebody published meanwhile. Bring both together first."), number=number,
                        changes=changes)


def _unconfirmed(left: list[impact.Hazard]) -> flask.Response:
    return wire.problem(422, "unconfirmed", _("Tick first: %(title)s.", title=left[0].title),
                        hazards=[wire.hazard(each) for each in left])
