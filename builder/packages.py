"""Packages: what is installed and what of it was changed here; a file becomes a plan, and the plan an installation."""
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import flask
from flask import request

from builder import change_words, choices, installing, packing, place_words, studio
from builder import draft as drafts
from metadata import package
from metadata.definitions import Definitions
from metadata.merge import MISSING, Conflict
from metadata.package import Package
from runtime.db.transaction import transaction
from runtime.errors import Invalid, NotFound, Red, RuntimeProblem
from runtime.exchange import sampling
from runtime.files import store as files
from runtime.locale.text import _, lazy
from runtime.publish import packages as installed
from runtime.publish import service
from runtime.publish.packages import PackagePlan
from runtime.values import Actor
from runtime.web import htmx, json
from runtime.web.actor import current_actor
from runtime.web.policies import builder, takes

packages = flask.Blueprint("packages", __name__, url_prefix="/builder/packages")

studio.entry(lazy("Packages"), "/builder/packages", "package", group=studio.SHIP, position=40)

SHOWN = 100
SHIPPED = Path(__file__).resolve().parent.parent / "seeds"


@packages.get("")
@builder
def listing() -> flask.Response:
    return _listing()


@packages.post("")
@builder
@takes(package.MOST_PACKED + 4096)
def upload() -> flask.Response:
    """Kept as an upload of this person; nothing else happens before the plan is agreed to."""
    actor, given = current_actor(), request.files.get("file")
    service.require(actor)
    try:
        if given is None or not given.filename:
            raise Invalid({"file": [_("Choose a package: a file that ends in .zip.")]})
        installed.opened(given.stream.read(package.MOST_PACKED + 1))
        given.stream.seek(0)
        return _kept(actor, given.stream)
    except RuntimeProblem as problem:
        return _listing(problem, status=422)


@packages.post("/shipped/<name>")
@builder
def shipped(name: str) -> flask.Response:
    """A package that comes with the product, packed as a file would have been; its plan is shown, nothing else happens."""
    actor = current_actor()
    service.require(actor)
    folder = _shipped().get(name)
    if folder is None:
        raise NotFound(_("There is no package '%(name)s' here.", name=name))
    return _kept(actor, BytesIO(package.pack(_bundled(folder))))


def _kept(actor: Actor, stream: Any) -> flask.Response:
    """An upload of this person; on to its plan."""
    kept = files.keep(stream, "package.zip")
    with transaction() as tx:
        file = files.put(tx.connection, kept, actor.user_id)
    return htmx.go(f"/builder/packages/file/{file.id}")


@cache
def _bundled(folder: Path) -> Package:
    """Read once per process: what comes with the product does not change while it runs."""
    return package.of_folder(folder)


def _shipped() -> dict[str, Path]:
    """{name: folder} of the bundles that come with the product."""
    return {place.parent.name: place.parent for place in sorted(SHIPPED.glob("*/seed.json"))}


@packages.get("/<name>/uninstall")
@builder
def ask_uninstall(name: str) -> flask.Response:
    return plan_page("", installed.uninstall(current_actor(), name, dry_run=True))


@packages.post("/<name>/uninstall")
@builder
def uninstall(name: str) -> flask.Response:
    actor = current_actor()
    told = called(installed.uninstall(actor, name, dry_run=True))
    try:
        installed.uninstall(actor, name, override=request.form.get("override", ""))
    except Invalid as problem:
        return plan_page("", installed.uninstall(actor, name, dry_run=True), problem, status=problem.status)
    return htmx.go("/builder/packages", events={"toast": {"text": _("Package %(name)s uninstalled.", name=told)}})


@packages.get("/build")
@builder
def ask_build() -> flask.Response:
    return _build({}, {})


@packages.post("/build")
@builder
def build() -> flask.Response:
    """The package of the chosen modules as a download, as they are live."""
    service.require(current_actor())
    given = {name: request.form.get(name, "").strip() for name in ("label", "name", "version")}
    chosen = request.form.getlist("modules")
    ticked = {name: name in request.form for name in ("added", "roles", "theme", "samples")}
    try:
        return built(chosen, given, **ticked, override=request.form.get("override", ""))
    except Invalid as problem:
        return _build(given | ticked | {"modules": chosen, "red": isinstance(problem, Red)}, problem.errors, status=422)


def built(chosen: Sequence[str], given: Mapping[str, str], *, added: bool, roles: bool, theme: bool, samples: bool,
          override: str) -> flask.Response:
    """samples: with the newest records of each module that this person sees."""
    actor = current_actor()
    live = drafts.current(actor).live
    records = sampling.sample(actor, [name for name in chosen if name in live.modules]) if samples else {}
    made = packing.of_modules(live, chosen, **given, added=added, roles=roles, theme=theme, samples=records, override=override)
    return flask.Response(package.pack(made), mimetype="application/zip", headers={
        "Content-Disposition": f'attachment; filename="{made.file_name}"', "X-Content-Type-Options": "nosniff"})


# Inside

def _listing(problem: RuntimeProblem | None = None, status: int = 200) -> flask.Response:
    actor = current_actor()
    service.require(actor)
    draft = drafts.current(actor)
    shown = [{"is": each, "label": choices.of_seed(draft.live, each.manifest), "more": len(each.own),
              "own": [{"path": own.path, "place": _place(draft.live, own.path, own.place), "value": _said(own.value)}
                      for own in each.own[:SHOWN]]} for each in installed.listed()]
    there = {each["is"].manifest.name for each in shown}
    offered = [{"name": name, "label": choices.of_seed(given.definitions, given.manifest),
                "description": choices.of_seed(given.definitions, given.manifest, "description"),
                "modules": [choices.of_module(given.definitions, module) for module in given.definitions.modules.values()]}
               for name, given in ((name, _bundled(folder)) for name, folder in _shipped().items())
               if given.manifest.name not in there]
    return studio.answer("builder/packages.html", "work", draft=draft, packages=shown, offered=offered, status=status,
                         errors=_errors(problem) if problem else {})


def plan_page(file_id: str, made: PackagePlan, problem: RuntimeProblem | None = None, status: int = 200) -> flask.Response:
    draft = drafts.current(current_actor())
    after = made.plan.definitions if made.plan else draft.live
    changes = made.plan.changes if made.plan and not made.problems else ()
    kept = [draft.live.documents[path] for path in made.kept if path in draft.live.documents]
    return studio.answer("builder/package_plan.html", "work", draft=draft, made=made, file_id=file_id, status=status,
                         groups_of_steps=change_words.grouped(changes, after, draft.live), kept=kept, label=called(made),
                         description=called(made, "description"),
                         groups=installing.grouped(made.asks, after), ticked=installing.agreed(),
                         errors=_errors(problem) if problem else {},
                         conflicts=[_conflict(after, each) for each in made.conflicts])


def called(made: PackagePlan, what: str = "label") -> str:
    """In the package's own words, where it is at hand."""
    words = made.package.definitions if made.package else drafts.current(current_actor()).live
    return choices.of_seed(words, made.manifest, what)


def _build(given: Mapping[str, Any], errors: Mapping[str, list[str]], status: int = 200) -> flask.Response:
    service.require(current_actor())
    draft = drafts.current(current_actor())
    return studio.answer("builder/package_build.html", "work", draft=draft, given=given, errors=errors, status=status)


def _errors(problem: RuntimeProblem) -> dict[str, list[str]]:
    return dict(getattr(problem, "errors", None) or {"": [problem.message]})


def _conflict(definitions: Definitions, each: Conflict) -> dict[str, Any]:
    return {"key": each.key, "path": each.path, "place": _place(definitions, each.path, each.place), "chosen": each.chosen,
            "base": _said(each.base), "ours": _said(each.ours), "theirs": _said(each.theirs)}


def _place(definitions: Definitions, path: str, place: str) -> str:
    """In words: "Rooms: label" instead of fields.fld_x.label."""
    document = definitions.documents.get(path)
    if document is None:
        return f"{path} › {place}" if place else path
    inside = place_words.of_merge(definitions, document, place)
    return " › ".join([choices.of_document(definitions, document), *([inside] if inside else [])])


def _said(value: Any) -> str:
    if value is MISSING or value is None:
        return _("nothing")
    return value if isinstance(value, str) else json.dumps(value).decode()[:300]
