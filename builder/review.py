"""Review and publish: what the draft would do, in sentences and numbers; what has to be ticked; then doing it."""
import re
from collections.abc import Mapping
from typing import Any

import flask
from flask import request

from builder import change_words, choices, later, place_words, raw_differences, studio
from builder import draft as drafts
from builder.value_checks import ENOUGH, refusal
from metadata import take_out
from metadata.changes import RetireField
from metadata.definitions import Definitions
from metadata.errors import Problem
from runtime.errors import Conflict, Invalid, NotFound, Red
from runtime.locale.text import _, lazy
from runtime.publish import impact, jobs, service
from runtime.publish.service import Plan
from runtime.records import what_if
from runtime.values import Actor
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

review = flask.Blueprint("review", __name__, url_prefix="/builder/review")

studio.entry(lazy("Review & publish"), "/builder/review", "git-pull-request", group=studio.SHIP, position=10, noun=studio.OWN)

PATIENCE = 2_000
"""Milliseconds each count of the what-if may take."""


@review.get("")
@builder
def show() -> flask.Response:
    return _page({})


@review.post("")
@builder
def publish() -> flask.Response:
    """Refused while a hazard is not ticked, whatever the page allowed."""
    actor, note = current_actor(), request.form.get("note", "").strip()[:500]
    draft = drafts.current(actor)
    if draft.behind:
        return htmx.go("/builder/merge", events={"toast": {"text": _("Somebody published meanwhile. Bring both together first.")}})
    plan = service.look(actor, draft.definitions, fresh=ENOUGH)
    found = impact.of(plan)
    if plan.checking:
        return _page({"": [refusal()]}, status=422)
    if not plan.problems and (left := found.unticked(request.form.getlist("hazard"))):
        return _page({"": [_("Tick first: %(title)s.", title=left[0].title)]}, status=422)
    override = request.form.get("override", "").strip()[:500]
    try:
        if request.form.get("when") == "later" and not plan.problems:
            due = later.asked(request.form.get("at", ""))
            jobs.begin(actor, draft.definitions, base=draft.base, name=draft.name, note=note, override=override, due=due,
                       ticked=request.form.getlist("hazard"))
            return htmx.go("/builder/review", events={"toast": {"text": later.badge(due)}})
        if found.long and not plan.problems:
            begun = jobs.begin(actor, draft.definitions, base=draft.base, name=draft.name, note=note, override=override)
            return htmx.go(f"/builder/review/progress/{begun}")
        number = service.publish(actor, draft.definitions, base=draft.base, note=note, override=override)
    except Red as problem:
        return _page({"": [_("A test is red, so nothing was published. Mend it, or say why it may be passed over."),
                           *(each.message for each in problem.problems)]}, status=problem.status)
    except Conflict:
        return htmx.go("/builder/merge", events={"toast": {"text": _("Somebody published meanwhile. Bring both together first.")}})
    except Invalid as problem:
        return _page({"": [problem.message]}, status=problem.status)
    drafts.published(actor, draft)
    return htmx.go("/builder", events={"toast": {"text": _("Version %(number)s is live.", number=number)}})


@review.get("/checking")
@builder
def checking() -> flask.Response:
    """How far a worker is with the values that change their type; when it is done, the review is drawn anew."""
    actor = current_actor()
    draft = drafts.current(actor)
    plan = service.look(actor, draft.definitions, fresh=ENOUGH)
    return htmx.part("builder/review.html", "checking", plan=plan, looked=True)


@review.get("/findings")
@builder
def findings() -> flask.Response:
    """Which of the records there are could not be saved any more; counted beside the page, for it may take seconds."""
    actor = current_actor()
    plan = service.plan(drafts.current(actor).definitions, forecast=False)
    found = [] if plan.problems else what_if.what_if(plan.definitions, actor=actor, patience=PATIENCE)
    return htmx.part("builder/review.html", "findings", looked=True, findings=[
        {"label": each.says, "count": "?" if each.count is None else f"{each.count:,}"} for each in found
        if each.count is None or each.count])


@review.post("/take-out")
@builder
def take() -> flask.Response:
    """One change less; a step of the draft that can be taken back."""
    actor, wanted = current_actor(), request.form.get("change", "")
    draft = drafts.current(actor)
    change = next((each for each in draft.changes if take_out.key(each) == wanted), None)
    if change is None:
        raise NotFound(_("This change is not in the draft any more."))

    def edit(definitions: Definitions) -> Definitions:
        return take_out.without(draft.origin, definitions, change)

    drafts.change(actor, _("Take out: %(change)s", change=change_words.sentence(change, draft.definitions)), edit, draft.name)
    return htmx.go("/builder/review", events={"toast": {"text": _("Taken out of the draft."), "undo": "/builder/undo"}})


@review.get("/progress/<int:number>")
@builder
def progress(number: int) -> flask.Response:
    """Of a long publishing; asks again by itself until it is over."""
    actor = current_actor()
    return studio.answer("builder/progress.html", "work", draft=drafts.current(actor), job=job_of(actor, number))


@review.post("/progress/<int:number>/pause")
@builder
def pause(number: int) -> flask.Response:
    job_of(current_actor(), number)
    jobs.pause(number)
    return htmx.go(f"/builder/review/progress/{number}")


@review.post("/progress/<int:number>/resume")
@builder
def resume(number: int) -> flask.Response:
    job_of(current_actor(), number)
    jobs.resume(current_actor(), number)
    return htmx.go(f"/builder/review/progress/{number}")


@review.post("/drop")
@builder
def drop() -> flask.Response:
    drafts.drop(current_actor())
    return htmx.go("/builder", events={"toast": {"text": _("The draft is gone. Nothing that is live has changed.")}})


def job_of(actor: Actor, number: int) -> jobs.Job:
    """One's own; anybody's for those who may build everything. Raises NotFound, Refused."""
    job = jobs.get(number)
    if job.owner_id != actor.user_id:
        service.require(actor)
    return job


def _page(errors: dict[str, list[str]], status: int = 200) -> flask.Response:
    draft = drafts.current(current_actor())
    context: dict[str, Any] = {"plan": None}
    if draft.changes and not draft.behind:
        context = _looked(draft, service.look(current_actor(), draft.definitions))
    raw = raw_differences.of(draft) if "differences" in request.args and draft.changes else None
    return studio.answer("builder/review.html", "work", draft=draft, errors=errors, status=status, raw=raw, later=later.offered(),
                         **context)


def _looked(draft: drafts.Draft, plan: Plan) -> dict[str, Any]:
    found, going = impact.of(plan), _going(draft)
    steps = [{"key": step.key, "icon": change_words.words(step.change).icon, "tone": change_words.words(step.change).tone,
              "sentence": " ".join((change_words.sentence(step.change, draft.definitions, draft.origin),
                                    *change_words.moves(step))),
              "work": change_words.work(step)}
             for step in found.steps]
    if plan.problems:           # what there is to say of a draft that is not sound: its own changes
        steps = [{"key": take_out.key(each), "icon": change_words.words(each).icon, "tone": change_words.words(each).tone,
                  "sentence": change_words.sentence(each, draft.definitions, draft.origin), "work": ""} for each in draft.changes]
    return {"plan": plan, "impact": found, "steps": steps, "figures": _figures(found, draft.definitions), "looked": False,
            "ticked": set(request.values.getlist("hazard")),
            "problems": [_mended(each, draft.definitions, going) for each in plan.problems],
            "warnings": [_mended(each, draft.definitions) for each in plan.warnings],
            "uses": [_mended(Problem(each.path, each.message), draft.live, going, _("uses '%(field)s'"))
                     for each in impact.uses(draft.live, draft.changes)]}


def _going(draft: drafts.Draft) -> dict[str, str]:
    """{"'next_step'": what the field is called} of the fields that the draft removes, as a problem quotes them."""
    return {f"'{each.field.name}'": choices.of_field(draft.live, each.module, each.field)
            for each in draft.changes if isinstance(each, RetireField)}


def _figures(found: impact.Impact, definitions: Definitions) -> list[dict[str, Any]]:
    """What the numbers of the page say that are known at once."""
    told = []
    for step in found.steps:
        label = choices.of_field(definitions, step.change.module, step.change.field) if step.forecast is not None else ""
        if step.forecast is not None and step.forecast.moves is not None:
            told.append({"label": _("Records whose '%(field)s' gets another value", field=label),
                         "count": f"{step.forecast.moved:,}"})
        elif step.forecast is not None and (step.forecast.fits or step.forecast.fails):
            told.append({"label": _("Values of '%(field)s' that convert", field=label), "count": f"{step.forecast.fits:,}"})
            told.append({"label": _("Values of '%(field)s' that do not", field=label), "count": f"{step.forecast.fails:,}"})
    told.append({"label": _("Rows read and written"), "count": f"{found.rows:,}"})
    told.append({"label": _("It takes about"), "count": change_words.about(found.seconds)})
    return told


def _mended(problem: Problem, definitions: Definitions, going: Mapping[str, str] | None = None,
            said: str = "") -> dict[str, str]:
    """going: what the draft takes away; a problem that names it says so (`said`) instead of looking for another name."""
    gone = next((label for name, label in (going or {}).items() if name in problem.message), "")
    message = (said or _("It uses '%(field)s', which goes. Take it out there, or take the removal out of the draft.")) % {
        "field": gone} if gone else problem.message
    return {"message": message, "place": place_words.whole(definitions, problem.path), "href": place(problem.path)}


def place(path: str) -> str:
    """Where something of the draft is mended: "views/deals.open#columns" -> its page in the studio."""
    folder, _slash, key = path.partition("#")[0].partition("/")
    if folder == "modules":
        field = re.match(r"fields\.(\w+)", path.partition("#")[2])
        return f"/builder/m/{key}/fields/{field[1]}" if field else f"/builder/m/{key}"
    return f"/builder/d/{folder}/{key}" if key else ""
