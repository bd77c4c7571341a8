"""Build by example: somebody's files become modules. Drop them, look at what is proposed, correct it, and it is in the draft;
once that is published the same files are imported, one after another, in the order their links ask for."""
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
from flask import request
from itsdangerous import BadData, URLSafeSerializer

from builder import draft as drafts
from builder import example_documents, studio
from metadata.definitions import Definitions
from runtime.db import embedded
from runtime.errors import Invalid, NotFound
from runtime.exchange import example, keeping, service
from runtime.exchange.example import Proposal
from runtime.exchange.store import Run
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, lazy
from runtime.tables import published
from runtime.tables.kept import Kept
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder, takes

by_example = flask.Blueprint("example", __name__, url_prefix="/builder/example")

studio.entry(lazy("Build by example"), "/builder/example", "wand", group=studio.DATA, position=10, noun="modules")

MOST_FILES, LARGEST = 40, 200 * 1024 * 1024
_proposals = Kept(8)
"""What files would make, by the files: reading them all takes seconds."""


@dataclass(frozen=True)
class File:
    """A file that was sent: its name, and the hash it is kept under."""
    name: str
    hashed: str

    @property
    def path(self) -> Path:
        return embedded.home() / "imports" / self.hashed


@by_example.get("")
@builder
def begin() -> flask.Response:
    return _begin({})


@by_example.post("")
@builder
@takes(LARGEST)
def upload() -> flask.Response:
    try:
        files = received()
    except Invalid as problem:
        return _begin(dict(problem.errors), 422)
    return htmx.go(f"/builder/example/{token_of(files)}")


@by_example.get("/<token>")
@builder
def look(token: str) -> flask.Response:
    return _look(token, {}, {})


@by_example.post("/<token>")
@builder
def make(token: str) -> flask.Response:
    """The proposal with the corrections of the form, into the draft as one step; a form without answers takes it as it is."""
    files = files_of(token)
    given = {name: value for name, value in request.form.items() if name[:1] == "f"}
    try:
        made = put_into_draft(files, given)
    except Invalid as problem:
        return _look(token, given, problem.errors, 422)
    return htmx.go(f"/builder/example/{token_of(files, made)}/next")


@by_example.get("/<token>/next")
@builder
def further(token: str) -> flask.Response:
    """What is left to do: publish, then import file by file. token: one that knows which modules were made."""
    draft, files, made = drafts.current(current_actor()), files_of(token), made_of(token)
    live, waiting = published.current().definitions, []
    for proposal in proposed(files):
        id = made.get(proposal.file, "")
        waiting.append({"proposal": proposal, "module": live.module_by_id(id) or draft.definitions.module_by_id(id),
                        "live": live.module_by_id(id) is not None})
    return studio.answer("builder/example_next.html", "work", draft=draft, waiting=waiting, token=token)


@by_example.post("/<token>/import/<module>")
@builder
def import_file(token: str, module: str) -> flask.Response:
    """Begin the import of the file a module was made from; its columns match by themselves."""
    live, made = published.current().definitions.modules.get(module), made_of(token)
    file = next((one for one in files_of(token) if live is not None and made.get(one.name) == live.id), None)
    if live is None or file is None:
        raise NotFound(_("Publish the draft first; then its files can be imported."))
    return htmx.go(f"/import/{begun(file, module).id}/columns")


# What the page and the API share

def received() -> list[File]:
    """The files of this request, kept and looked at. Raises Invalid."""
    sent = [one for one in request.files.getlist("files") if one.filename]
    if not sent or len(sent) > MOST_FILES:
        raise Invalid({"files": [_("Choose one to %(most)s files.", most=MOST_FILES)]})
    files: list[File] = []
    for one in sent:
        name = Path(one.filename or "").name[:200]
        try:
            tables = keeping.keep(one.stream)
        except Invalid as problem:
            raise Invalid({"files": [f"{name}: {problem.message}"]}) from None
        files += [File(f"{table.sheet}.xlsx" if table.sheet and len(tables) > 1 else name, table.hashed) for table in tables]
    proposed(files)
    return files


def put_into_draft(files: list[File], given: Mapping[str, str]) -> dict[str, str]:
    """What the files would make, corrected, as one step of the draft: {file: id of its module}. Raises Invalid."""
    proposals, made = proposed(files), {}

    def put(definitions: Definitions) -> Definitions:
        documents, ids = example_documents.of(proposals, given, definitions)
        made.update(ids)
        for document in documents:
            definitions = definitions.with_document(document)
        return definitions

    drafts.change(current_actor(), _("Build modules from %(files)s.", files=", ".join(one.file for one in proposals)[:120]), put)
    return made


def begun(file: File, module: str) -> Run:
    """An import of the file into the module that was made of it; its columns match by themselves."""
    with open(file.path, "rb") as stream:
        return service.upload(current_actor(), module, stream, file.name)


def _begin(errors: dict[str, list[str]], status: int = 200) -> flask.Response:
    return studio.answer("builder/example.html", "work", draft=drafts.current(current_actor()), errors=errors, status=status)


def _look(token: str, given: dict[str, Any], errors: dict[str, list[str]], status: int = 200) -> flask.Response:
    proposals = proposed(files_of(token))
    kinds = {kind.name: kind.label for kind in catalogue().all("field_types")}
    draft = drafts.current(current_actor())
    there = {module.plural.casefold() for module in draft.definitions.modules.values()}
    return studio.answer("builder/example_look.html", "work", draft=draft, token=token, given=given, there=there,
                         proposals=proposals, kinds=kinds, offered=_offered(), leave=example_documents.LEAVE,
                         points=example_documents.POINTS, owner=example_documents.owner,
                         proposes=example_documents.proposes, errors=errors, status=status)


def _offered() -> tuple[str, ...]:
    """Types a column may become whose settings nobody need give; besides what is proposed for it."""
    return tuple(kind.name for kind in catalogue().all("field_types") if kind.writable
                 and not kind.settings_schema.get("required") and kind.target(example_documents.blank(kind)) is None)


def proposed(files: list[File]) -> list[Proposal]:
    key = tuple(files)
    found = _proposals.get(key)
    if found is None:
        found = example.propose({one.name: one.path for one in files})
        _proposals.keep(key, found)
    return found


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(flask.current_app.config["SECRET_KEY"], salt="build-by-example")


def token_of(files: list[File], made: Mapping[str, str] | None = None) -> str:
    """Names the files, who sent them, and the modules that were made of them ({file: module id}); nobody else can use it."""
    return _signer().dumps([current_actor().user_id, [[one.name, one.hashed] for one in files], dict(made or {})])


def made_of(token: str) -> dict[str, str]:
    """{file: id of the module it became}. Raises NotFound."""
    files_of(token)
    return _signer().loads(token)[2]


def files_of(token: str) -> list[File]:
    """Raises NotFound."""
    try:
        who, files, _made = _signer().loads(token)
    except (BadData, ValueError):
        who, files = None, []
    found = [File(name, hashed) for name, hashed in files]
    if who != current_actor().user_id or not found or not all(one.path.exists() for one in found):
        raise NotFound(_("These files are not here any more. Choose them again."))
    return found
