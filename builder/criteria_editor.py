"""The criteria editor: a condition picked in words, as a part of any form; and expressions checked while they are typed.

A form embeds the macro `criteria(editor)` of builder/parts/criteria.html and reads it back with `read`. Without scripts the
rows are controls of that form, and a pressed Add or Remove (`pressed`) only draws the form again.
"""
from dataclasses import dataclass
from typing import Any

import flask
from flask import request

from builder import draft as drafts
from builder import studio
from builder.criteria_parts import Drawing, Part, Reading, acted, settled
from builder.criteria_words import said, wrong
from metadata import criteria_text, expression, paths, references
from metadata.criteria import Condition, CriteriaError, Formula, parse, walk, write
from metadata.definitions import Definitions
from metadata.expression import ExpressionError
from metadata.expression.functions import FUNCTIONS
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.kinds.kind import catalogue
from runtime.locale import reader
from runtime.locale.text import _
from runtime.records import service, shown
from runtime.records.facts import Facts, ValueScope, paths_of
from runtime.records.pages.base import Visit
from runtime.tables import criteria, preview
from runtime.tables.published import Published
from runtime.values import Actor
from runtime.web import htmx, json
from runtime.web.actor import current_actor
from runtime.web.policies import builder

conditions = flask.Blueprint("criteria_editor", __name__, url_prefix="/builder/criteria")
conditions.add_app_template_filter(lambda number: reader.current().number(number), "figure")


@dataclass(frozen=True)
class Editor:
    """What the macro draws. json: the condition as its document keeps it; fields: [(group, [(path, label)])]."""
    name: str
    module: str
    root: Part
    json: str
    sentence: str
    fields: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    errors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "c-" + self.name.replace(".", "-").replace(":", "-")


def editor(definitions: Definitions, module: Module, tree: Any, *, name: str, errors: Any = ()) -> Editor:
    """tree: as in a document, or as `read(…, loose=True)` gives it, with rows not yet filled in.

    errors: why it was not kept; what a row is to blame for is said at the row.
    """
    with preview.shown(definitions) as now:
        at = _visit(now, current_actor(), module)
        whole = Drawing(at, name, asked=any(errors)).whole(tree)
        errors = [each for each in errors if each not in set(whole.said)]
        kept = settled(tree)
        return Editor(name, module.name, whole, json.dumps(kept).decode() if kept else "", said(at, kept) if kept else "",
                      fields_of(at), tuple(errors))


def pressed(form: Any, name: str = "") -> bool:
    """Whether a button of an editor (of this one) sent the form, so that it is to be drawn again and nothing saved."""
    return any(key == f"{name}:do" if name else key.endswith(":do") for key in form)


def read(form: Any, name: str, definitions: Definitions, module: Module, *, loose: bool = False) -> Any:
    """The condition the form holds, None where there is none; a row of which no field was chosen stays in it, to be told.

    loose: as it is drawn again, after the button that was pressed.
    """
    if f"{name}:part" not in form:
        try:
            return json.loads(form.get(name) or "null")
        except ValueError:
            return None
    with preview.shown(definitions) as now:
        tree = Reading(_visit(now, current_actor(), module), form, name).whole()
        if loose:
            tree = acted(tree, form.get(f"{name}:do", ""), now, module)
    return tree if loose else settled(tree, blank=True)


def problems(definitions: Definitions, module: Module, tree: Any) -> list[str]:
    """What is wrong with a condition, in sentences; none where it can be asked."""
    if not tree:
        return []
    with preview.shown(definitions) as now:
        return wrong(ValueScope(now, module), tree)


def unasked(definitions: Definitions, document: Document, field: Field | None = None) -> dict[str, list[str]]:
    """What is wrong with the conditions in a document, or in the settings of this field of a module: {place: sentences}."""
    found: dict[str, list[str]] = {}

    def look(reference: references.Reference) -> Any:
        asked = reference.format == "criteria" and reference.home is not None
        if asked and (told := problems(definitions, reference.home, reference.value)):
            found[reference.where] = told
        return reference.value

    walk = references.Walk(definitions, catalogue(), look)
    if field is None:
        walk.look(document)
    elif isinstance(document, Module):
        walk.field(document, field, {"settings": field.settings})
    return found


def summary(definitions: Definitions, module: Module, tree: Any) -> str:
    """A condition in plain words: "Amount is above 1,000 and Stage is Won"."""
    if not tree:
        return ""
    with preview.shown(definitions) as now:
        return said(_visit(now, current_actor(), module), tree)


def _visit(now: Published, actor: Actor, module: Module) -> Visit:
    return Visit(now, actor, module, shown.module(now, actor, module))


def fields_of(at: Visit) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Every path that can be asked about, by group: the module's own, then what lies one link away."""
    def offered(module: Module, before: str) -> tuple[tuple[str, str], ...]:
        found = []
        for field in module.all_fields:
            kind = at.now.type(field)
            for part in ("", *(part for part in kind.columns(field) if part)):
                if kind.asked(field, part):
                    path = f"{before}{field.name}" + (f".{part}" if part else "")
                    found.append((path, at.field(path).label))
        return tuple(sorted(found, key=lambda each: each[1].casefold()))

    def make() -> Any:
        groups = [(at.m.label, offered(at.module, ""))]
        for field in at.module.all_fields:
            target = at.now.definitions.module(at.now.type(field).target(field) or "")
            if target is not None:
                groups.append((at.field(field.name).label, offered(target, f"{field.name}.")))
        return tuple(groups)

    return at.now.once(("criteria fields", at.module.name, at.actor.language), make)


def tried(definitions: Definitions, module: Module, tree: Any, record_id: int) -> dict[str, Any]:
    """Whether a condition holds for a record as it stands, and each part of it with the value there is. Raises NotFound."""
    with preview.shown(definitions) as now:
        at = _visit(now, current_actor(), module)
        record = service.read(at.actor, module.name, record_id)
        scope = ValueScope(now, module)
        known = Facts(now, module, paths_of(tree)).gather(record.values, at.moment, at.actor)
        parts = []
        for part in walk(parse(tree)):
            if isinstance(part, (Condition, Formula)):
                row = write(part)
                value = at.field(part.field) if isinstance(part, Condition) else None
                parts.append({"sentence": said(at, row), "holds": criteria.as_python(row, scope)(known, at.moment),
                              "value": shown.plain(value, known, at.reader) if value else ", ".join(
                                  f"{path} = {'–' if known.get(path) is None else known[path]}"
                                  for path in sorted(map(".".join, paths_of(row))))})
        return {"title": shown.title(module, record), "holds": criteria.as_python(tree, scope)(known, at.moment), "parts": parts}


# What the editor asks while somebody works in it

def _asked() -> tuple[Definitions, Module, str]:
    draft = drafts.current(current_actor())
    return draft.definitions, studio.module_of(draft, request.args.get("module", "")), request.args.get("name", "")[:200]


@conditions.post("")
@builder
def redraw() -> flask.Response:
    """The editor after a button or another choice in it; nothing is kept."""
    definitions, module, name = _asked()
    tree = read(request.form, name, definitions, module, loose=True)
    told = []
    if request.form.get(f"{name}:do", "").startswith("write") and tree and "expression" not in str(tree):
        told.append(_cannot_write(definitions, module, tree))
    return htmx.part("builder/criteria.html", "editor", label=request.args.get("label", "")[:200],
                     editor=editor(definitions, module, tree, name=name, errors=told))


def _cannot_write(definitions: Definitions, module: Module, tree: Any) -> str:
    kept = settled(tree)
    if kept is None:
        return _("There is nothing to write yet.")
    try:
        criteria_text.to_text(kept, paths.Scope(definitions, catalogue(), module))
    except CriteriaError as problem:
        return problem.message
    return ""


@conditions.post("/try")
@builder
def try_on() -> flask.Response:
    """Does it hold for this record, and why."""
    definitions, module, name = _asked()
    tree = read(request.form, name, definitions, module)
    given = request.form.get(f"{name}:try", "")
    found = problems(definitions, module, tree)
    if tree is None or not given.isdecimal() or found:
        problem = found[0] if found else _("Build a condition first.") if tree is None else _("Choose a record to try it on.")
        return htmx.part("builder/criteria.html", "tried", problem=problem)
    return htmx.part("builder/criteria.html", "tried", problem="", **tried(definitions, module, tree, int(given)))


@conditions.post("/check")
@builder
def check() -> flask.Response:
    """What an expression gives, or what is wrong with it and where. ?wanted: the type it must give."""
    definitions, module, name = _asked()
    text = next((request.form.get(key, "") for key in (name, f"{name}:text") if key in request.form), "")
    told, is_wrong = checked(definitions, module, text, request.args.get("wanted", ""))
    return htmx.part("builder/criteria.html", "checked", told=told, wrong=is_wrong)


def checked(definitions: Definitions, module: Module, text: str, wanted: str = "") -> tuple[str, bool]:
    """(a sentence about the text, whether something is wrong with it)."""
    if not text.strip():
        return "", False
    try:
        found = expression.check(expression.parse(text[:10_000]), paths.Scope(definitions, catalogue(), module))
    except ExpressionError as problem:
        return ExpressionError(problem.cause, problem.position, text).message, True
    if wanted and found not in (wanted, "null"):
        return _("This gives %(found)s, but %(wanted)s is needed here.", found=found.words,
                 wanted=expression.Type(wanted).words), True
    return _("This can be read. It gives %(found)s.", found=found.words), False


@conditions.get("/words")
@builder
def words() -> flask.Response:
    """What can be written in an expression of a module: fields and functions, for completion and for reading."""
    definitions, module, _name = _asked()
    with preview.shown(definitions) as now:
        at = _visit(now, current_actor(), module)
        groups = fields_of(at)
    functions = [(each.signature, each.doc) for each in FUNCTIONS.values()]
    return htmx.part("builder/criteria.html", "words", groups=groups, functions=functions)
