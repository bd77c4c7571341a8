"""Build by example for programs: send files, read what they would make, send that back corrected, publish, import the files."""
from collections.abc import Iterator, Mapping
from typing import Any

import flask

from builder import draft as drafts
from builder import example, example_documents, wire
from metadata.model.module import Module
from runtime.errors import BadQuery, Conflict
from runtime.exchange import run as runs
from runtime.exchange import service
from runtime.exchange.example import Part, Proposal
from runtime.locale.text import _
from runtime.tables import published
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients
from runtime.web.policies import takes

api = flask.Blueprint("example_api", __name__, url_prefix="/api/v1/metadata/examples")
api.before_request(wire.only_builders)

LINK = "link"
"""The type, for programs, of a column that points to another of the files."""


@api.post("")
@for_clients
@takes(example.LARGEST)
def upload() -> flask.Response:
    """Files as multipart/form-data, each under "files"."""
    return _told(example.token_of(example.received()), 201)


@api.get("/<token>")
@for_clients
def look(token: str) -> flask.Response:
    return _told(token)


@api.post("/<token>/draft")
@for_clients
@takes(wire.LARGEST)
def make(token: str) -> flask.Response:
    """{"files": as they were proposed, corrected}, or nothing: into one's own draft. The token of the answer knows the modules."""
    files = example.files_of(token)
    made = example.put_into_draft(files, _corrected(wire.body(), example.proposed(files)))
    known = drafts.current(current_actor()).definitions
    return wire.answer({"token": example.token_of(files, made),
                        "modules": {file: known.module_by_id(id).name for file, id in made.items()}}, 201)


@api.post("/<token>/import")
@for_clients
def bring(token: str) -> flask.Response:
    """A worker imports the files into the modules made of them, those first that others point to; 409 before they are live."""
    actor, made, live = current_actor(), example.made_of(token), published.current().definitions
    by_name = {one.name: one for one in example.files_of(token)}
    targets: list[tuple[example.File, Module]] = []
    for one in example.proposed(list(by_name.values())):
        if one.file in made:
            module = live.module_by_id(made[one.file])
            if module is None:
                raise Conflict(_("Publish the draft first; then its files can be imported."))
            targets.append((by_name[one.file], module))
    if not targets:
        raise Conflict(_("Put the files into a draft first, and send the token that comes back."))
    begun = [(file, module, service.start(actor, example.begun(file, module.name).id)) for file, module in targets]
    return wire.answer({"imports": [{"file": file.name, "module": module.name, "import": run.id} for file, module, run in begun]},
                       202)


@api.get("/imports/<int:number>")
@for_clients
def imported(number: int) -> flask.Response:
    """How far an import is."""
    run = service.find(current_actor(), number)
    return wire.answer({"import": run.id, "file": run.file_name, "module": runs.module_of(published.current(), run).name,
                        "state": run.state, "rows": run.rows, **{name: getattr(run, name) for name in service.COUNTERS}})


def _told(token: str, status: int = 200) -> flask.Response:
    proposals = example.proposed(example.files_of(token))
    return wire.answer({"token": token, "files": [_proposal(one) for one in proposals]}, status)


def _proposal(one: Proposal) -> dict[str, Any]:
    return {"file": one.file, "rows": one.rows, "key": one.key, "use": True, "label": example_documents.singular(one.label),
            "plural": one.label, "name": one.name, "columns": [_column(part) for part in one.parts]}


def _column(part: Part) -> dict[str, Any]:
    """What may be corrected first; then how sure it is, and why."""
    return {"heading": part.heading, "type": None if example_documents.owner(part) else LINK if part.link else part.type,
            **{flag: example_documents.proposes(part, flag) for flag in ("required", "unique")},
            "link": {"file": part.link[0], "by": part.link[1]} if part.link else None, "settings": dict(part.settings),
            "sure": part.sure, "filled": round(part.filled, 4),
            "disagreeing": [{"row": row, "cell": cell} for row, cell in part.disagreeing]}


def _corrected(body: Mapping[str, Any], proposals: list[Proposal]) -> dict[str, str]:
    """What was sent back, as the answers of the form that people fill in. Raises BadQuery."""
    given = body.get("files")
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise BadQuery(_("'%(name)s' is a list of what was proposed, corrected.", name="files"))
    known = {one.file: (at, one) for at, one in enumerate(proposals)}
    answers = {"files": "sent"}
    for one in given:
        if one.get("file") not in known:
            raise BadQuery(_("There is no file '%(file)s' among those that were sent.", file=str(one.get("file"))[:80]))
        at, proposal = known[one["file"]]
        answers |= {f"f{at}_{name}": value for name, value in _answers(one, proposal)}
    return answers


def _answers(one: Mapping[str, Any], proposal: Proposal) -> Iterator[tuple[str, str]]:
    """What is left out stands as it was proposed."""
    said = {**_proposal(proposal), **one}
    yield "use", "1" if said["use"] else ""
    for name in ("label", "plural", "name"):
        yield name, str(said[name] or "")
    columns = said["columns"]
    if not isinstance(columns, list) or not all(isinstance(each, Mapping) for each in columns):
        raise BadQuery(_("'%(name)s' is a list of what was proposed, corrected.", name="columns"))
    by_heading = {each.get("heading"): each for each in columns}
    if strange := by_heading.keys() - {part.heading for part in proposal.parts}:
        raise BadQuery(_("There is no column '%(column)s' in %(file)s.", column=str(next(iter(strange)))[:80], file=proposal.file))
    for number, part in enumerate(proposal.parts):
        column = {**_column(part), **by_heading.get(part.heading, {})}
        type = column["type"]
        yield f"t{number}", example_documents.LEAVE if type is None else example_documents.POINTS if type == LINK else str(type)
        yield f"r{number}", "1" if column["required"] else ""
        yield f"u{number}", "1" if column["unique"] else ""
