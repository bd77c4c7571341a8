"""The parts of the criteria editor: a tree as rows and groups of controls, a form's controls as a tree, a button's work on it."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import flask
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from builder.criteria_words import picked, wrong
from metadata import criteria_text, paths
from metadata.criteria import CriteriaError
from metadata.model.module import Module
from runtime.locale import reader
from runtime.locale.text import _
from runtime.records import sentences
from runtime.records.facts import ValueScope
from runtime.records.pages.base import Visit
from runtime.tables.published import Published

MOST_PARTS = 100
GROUPS = ("all", "any", "none")
BLANK = {"field": "", "operator": "is"}
"""A row of which no field was chosen yet."""
RELATIVE = ("today", "today+7", "today+30", "today-7", "today-30")


@dataclass(frozen=True)
class Part:
    """A group, a row or a text of the editor. place: "" the whole, "0.1" the second part of its first."""
    place: str
    kind: str
    match: str = "all"
    parts: "tuple[Part, ...]" = ()
    path: str = ""
    operator: str = ""
    operators: tuple[Any, ...] = ()
    control: str = ""
    text: str = ""
    errors: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[str, ...]:
        """What is wrong with it and with what is in it."""
        return (*self.errors, *(each for part in self.parts for each in part.said))


def settled(tree: Any, *, blank: bool = False) -> Any:
    """Without the groups that hold nothing, the texts nobody wrote and, unless blank, the rows of which no field was chosen;
    None where nothing is left."""
    if not isinstance(tree, Mapping):
        return None
    for word in ("all", "any"):
        if word in tree:
            terms = [term for each in tree[word] if (term := settled(each, blank=blank)) is not None]
            return terms[0] if len(terms) == 1 else {word: terms} if terms else None
    if "not" in tree:
        inner = settled(tree["not"], blank=blank)
        return {"not": inner} if inner is not None else None
    if "expression" in tree:
        return dict(tree) if tree["expression"] else None
    if not tree.get("field"):
        return dict(BLANK) if blank else None
    operand = tree.get("operand")
    plain = [_number(each) for each in operand] if isinstance(operand, list) else _number(operand)
    return {**tree, "operand": plain} if operand is not None else dict(tree)


def _number(value: Any) -> Any:
    """A number as a JSON document keeps it; as text where it would lose a digit."""
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else format(value, "f")


class Drawing:
    """A tree as the parts of an editor. asked: somebody wanted to keep it so: a row without an answer is told, too."""

    def __init__(self, at: Visit, name: str, asked: bool = False):
        self.at, self.name, self.scope, self.asked = at, name, ValueScope(at.now, at.module), asked

    def whole(self, tree: Any) -> Part:
        root = self._part(tree or {"all": []}, "")
        return root if root.kind == "group" else Part("", "group", "all", (replace(self._part(tree, "0")),))

    def _part(self, tree: Any, place: str) -> Part:
        if not isinstance(tree, Mapping):
            return Part(place, "group")
        for word in ("all", "any"):
            if word in tree:
                return Part(place, "group", word, self._parts(tree[word], place))
        if "not" in tree:
            inner = tree["not"]
            terms = inner["any"] if isinstance(inner, Mapping) and "any" in inner else [inner]
            return Part(place, "group", "none", self._parts(terms, place))
        if "expression" in tree:
            text = str(tree["expression"])
            return Part(place, "text", text=text, errors=tuple(wrong(self.scope, tree)) if text else ())
        return self._row(tree, place)

    def _parts(self, terms: Any, place: str) -> tuple[Part, ...]:
        return tuple(self._part(term, f"{place}.{number}" if place else str(number)) for number, term in enumerate(terms))

    def _row(self, row: Mapping[str, Any], place: str) -> Part:
        path = str(row.get("field") or "")
        if not path:
            return Part(place, "row", errors=tuple(wrong(self.scope, BLANK)) if self.asked else ())
        if paths.find(self.at.now.definitions, self.at.now.catalogue, self.at.module, path) is None:
            return Part(place, "row", path=path, errors=(_("There is no field '%(path)s' here.", path=path),))
        field = self.at.field(path)
        operators = field.operators
        chosen = next((each for each in operators if each.name == row.get("operator")), operators[0] if operators else None)
        if chosen is None:
            return Part(place, "row", path=path, errors=(_("This field cannot be asked about."),))
        operand = row.get("operand")
        missing = operand in (None, "", [])
        errors = () if missing and not self.asked else tuple(wrong(self.scope, {**row, "operator": chosen.name}))
        control = self._control(field, chosen, operand, place)
        if errors:
            called = f'name="{self.name}:{place}:operand"'
            control = Markup(str(control).replace(called, f'{called} aria-invalid="true"', 1))
        return Part(place, "row", path=path, operator=chosen.name, operators=operators, control=control, errors=errors)

    def _control(self, field: Any, operator: Any, operand: Any, place: str) -> Markup:
        """The field's own filter control, called by its place in this form."""
        if operator.takes == "none":
            return Markup()
        name, own = f"{self.name}:{place}:operand", f"{self.name}-{place}".replace(".", "-").replace(":", "-")
        dated = field.kind.part_speaks(field.field, field.part) in ("date", "datetime")
        if dated and operator.takes in ("one", "range", "many"):
            return Markup(flask.render_template("builder/parts/criteria_day.html", name=name, label=field.label, own=own,
                                                operand=operand if isinstance(operand, list) else [operand],
                                                count=2 if operator.takes == "range" else 1, days=RELATIVE))
        widget: Any = flask.current_app.jinja_env.get_template(f"widgets/{field.widget}.html").module
        typed = {"text": "text", "number": "number"}.get(operator.takes)
        if typed and field.widget not in ("text", "number"):
            widget = flask.current_app.jinja_env.get_template(f"widgets/{typed}.html").module
        many = operator.takes == "many" and isinstance(operand, list) and not field.choices and not field.target
        told = widget.filter(replace(field, id_attr=f"cf-{own}"), ", ".join(map(str, operand)) if many else operand, {
            "takes": operator.takes, "operator": operator.name, "reader": reader.current(),
            "names": sentences.names_behind(self.at, field, operand)})
        return Markup(str(told).replace('name="operand"', f'name="{name}"'))


class Reading:
    """The parts of an editor as a tree, from the controls of a form."""

    def __init__(self, at: Visit, form: Any, name: str):
        self.at, self.form, self.name = at, form, name
        self.kinds: dict[str, str] = {}
        for each in form.getlist(f"{name}:part")[:MOST_PARTS]:
            place, _is, kind = each.partition("=")
            self.kinds[place] = kind

    def whole(self) -> Any:
        return self._part("") if self.kinds.get("") == "group" else None

    def _part(self, place: str) -> Any:
        kind = self.kinds.get(place)
        if kind == "group":
            before = f"{place}." if place else ""
            terms = [self._part(inner) for inner in self.kinds
                     if inner and inner.startswith(before) and "." not in inner[len(before):]]
            match = self._given(place, "match")
            return {"not": {"any": terms}} if match == "none" else {match if match in GROUPS else "all": terms}
        if kind == "text":
            return {"expression": self._given(place, "text").strip()}
        return self._row(place)

    def _row(self, place: str) -> dict[str, Any]:
        path = self._given(place, "field")
        if not path or paths.find(self.at.now.definitions, self.at.now.catalogue, self.at.module, path) is None:
            return {"field": path, "operator": self._given(place, "operator") or "is"}
        field = self.at.field(path)
        operator = next((each for each in field.operators if each.name == self._given(place, "operator")),
                        field.operators[0] if field.operators else None)
        if operator is None:
            return {"field": path, "operator": "is"}
        row: dict[str, Any] = {"field": path, "operator": operator.name}
        if operator.takes == "none":
            return row
        values = self.form.getlist(f"{self.name}:{place}:operand") if self._given(place, "was") == path else []
        if operator.takes == "many" and not field.choices and not field.target:
            values = [part.strip() for value in values for part in value.split(",")]
        operand = sentences.operand_from(MultiDict([("operand", value) for value in values]), operator, field)
        if operand in (None, "", []) and operator.takes == "one" and field.choices:
            operand = field.choices[0]["value"]              # what the select shows chosen
        return row | {"operand": operand} if operand not in (None, "", []) else row

    def _given(self, place: str, what: str) -> str:
        return str(self.form.get(f"{self.name}:{place}:{what}") or "")[:10_000]


def acted(tree: Any, action: str, now: Published, module: Module) -> Any:
    """After a button: "row@0", "group@", "text@", "remove@0.1", "words@0", "write@" (the whole as text).

    A group or a text takes the place of the blank row that waits where a condition begins.
    """
    verb, _at, place = action.partition("@")
    added = {"row": dict(BLANK), "group": {"any": [dict(BLANK)]},
             "text": {"expression": ""}}.get(verb)
    steps = [int(step) for step in place.split(".") if step.isdecimal()]
    if tree is None:        # no form of ours
        return None
    if added is not None:
        return _changed(tree, steps, lambda part: _with_terms(part, [
            *(term for term in _terms(part) if verb == "row" or term.get("field", "any")), added]))
    if verb == "remove" and steps:
        return _changed(tree, steps[:-1], lambda part: _with_terms(
            part, [term for number, term in enumerate(_terms(part)) if number != steps[-1]]))
    if verb == "write" and (kept := settled(tree)):
        try:
            return {"all": [{"expression": criteria_text.to_text(kept, paths.Scope(now.definitions, now.catalogue, module))}]}
        except CriteriaError:
            return tree
    if verb == "words":
        return _changed(tree, steps, lambda part: picked(now, module, str(part.get("expression", ""))))
    return tree


def _terms(part: Any) -> list[Any]:
    if "not" in part:
        part = part["not"]
    return list(part.get("all", part.get("any", ())))


def _with_terms(part: Any, terms: list[Any]) -> Any:
    if "not" in part:
        return {"not": {"any": terms}}
    return {"any": terms} if "any" in part else {"all": terms}


def _changed(tree: Any, steps: list[int], change: Any) -> Any:
    if not steps:
        return change(tree)
    terms = _terms(tree)
    if steps[0] < len(terms):
        terms[steps[0]] = _changed(terms[steps[0]], steps[1:], change)
    return _with_terms(tree, terms)
