"""Installing a package by screen: its plan, what it asks for in groups, and how far the worker is."""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask
from flask import request

from builder import choices, packages, studio
from builder import draft as drafts
from metadata.definitions import Definitions
from metadata.model.role import Role
from metadata.package import Package
from runtime.db.transaction import reading
from runtime.errors import NotFound, RuntimeProblem
from runtime.exchange import package_jobs
from runtime.files import store as files
from runtime.locale.text import _
from runtime.publish import packages as installed
from runtime.publish import proofs, service
from runtime.publish.asks import ADDRESS, GRANT, MAIL, Ask
from runtime.values import Actor
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

pages = flask.Blueprint("installing", __name__, url_prefix="/builder/packages")


@dataclass(frozen=True)
class Group:
    """Asks that are agreed to with one tick: of one role, all addresses, all mail. keys: of each of them."""
    title: str
    icon: str
    asks: tuple[Ask, ...]

    @property
    def keys(self) -> str:
        return " ".join(each.key for each in self.asks)

    def ticked(self, agreed: Sequence[str]) -> bool:
        return all(each.key in agreed for each in self.asks)


@pages.get("/file/<file_id>")
@builder
def look(file_id: str) -> flask.Response:
    """The plan; its tests follow by themselves."""
    return packages.plan_page(file_id, installed.check(_uploaded(current_actor(), file_id)))


@pages.get("/file/<file_id>/tests")
@builder
def tests(file_id: str) -> flask.Response:
    made = installed.check(_uploaded(current_actor(), file_id))
    red = [] if made.problems else proofs.red(Definitions(), made.plan.definitions, whole=True)
    return htmx.part("builder/parts/package_tests.html", "proofs", red=red)


@pages.post("/file/<file_id>")
@builder
def install(file_id: str) -> flask.Response:
    """Refused while something is not agreed to, whatever the page allowed; a worker does the rest."""
    actor = current_actor()
    given = _uploaded(actor, file_id)
    chosen = {name.removeprefix("take:"): side for name, side in request.form.items() if name.startswith("take:")}
    try:
        made = installed.check(given, chosen)
        begun = package_jobs.begin(actor, file_id, given, label=packages.called(made), agreed=agreed(), choices=chosen,
                                   override=request.form.get("override", "")[:500], with_samples="samples" in request.form)
    except RuntimeProblem as problem:
        return packages.plan_page(file_id, installed.check(given, chosen), problem, status=problem.status)
    return htmx.go(f"/builder/packages/progress/{begun}")


@pages.get("/progress/<int:number>")
@builder
def progress(number: int) -> flask.Response:
    """Asks again by itself until it is over."""
    actor, job = current_actor(), package_jobs.get(number)
    if job.owner_id != actor.user_id:
        service.require(actor)
    return studio.answer("builder/package_progress.html", "work", draft=drafts.current(actor), job=job, label=_called(job),
                         told=_told(job))


def agreed() -> list[str]:
    """Keys of the ticked groups; each box carries those of everything listed under it."""
    return [key for value in request.form.getlist("agreed") for key in value.split()]


def grouped(asks: Sequence[Ask], definitions: Definitions) -> list[Group]:
    """Roles first, each by itself; then what leads outside, then what sends."""
    found: dict[tuple[str, str], list[Ask]] = {}
    for each in asks:
        found.setdefault((each.kind, each.path if each.kind == GRANT else ""), []).append(each)
    order = [GRANT, ADDRESS, MAIL]
    return [_group(kind, path, tuple(held), definitions)
            for (kind, path), held in sorted(found.items(), key=lambda item: order.index(item[0][0]))]


def _group(kind: str, path: str, held: tuple[Ask, ...], definitions: Definitions) -> Group:
    if kind == ADDRESS:
        return Group(_("Addresses outside the house"), "external-link", held)
    if kind == MAIL:
        return Group(_("Mail and messages"), "mail", held)
    role = definitions.documents.get(path)
    return Group(_("What the role '%(role)s' may do",
                   role=choices.of_document(definitions, role) if isinstance(role, Role) else path), "shield-lock", held)


def _called(job: package_jobs.Job) -> str:
    """In the reader's language: by the package's own words, while its file is there."""
    try:
        with reading() as connection:
            given = installed.opened(files.read(files.find(connection, job.file_id)).read_bytes())
    except (RuntimeProblem, OSError):
        return job.label
    return choices.of_seed(given.definitions, given.manifest)


def _told(job: package_jobs.Job) -> list[dict[str, Any]]:
    """The steps of the work, in words: {text, state: "done", "now" or "later"}."""
    words = {package_jobs.TESTS: _("Running its tests, and everybody else's beside it"),
             package_jobs.TABLES: _("Making tables, fields, roles and pages"),
             package_jobs.SAMPLES: _("Taking in the sample records")}
    at = job.steps.index(job.step) if job.step in job.steps else -1
    return [{"text": words[each], "state": "done" if job.state == package_jobs.DONE or number < at
             else "now" if number == at else "later"} for number, each in enumerate(job.steps)]


def _uploaded(actor: Actor, file_id: str) -> Package:
    service.require(actor)
    with reading() as connection:
        file = files.find(connection, file_id)
    if file.uploaded_by != actor.user_id:
        raise NotFound(_("There is no such package. Choose the file again."))
    return installed.opened(files.read(file).read_bytes())
