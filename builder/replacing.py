"""Replacing: a choice is taken off a field's list; what says it, and which choice takes its place in records and rules."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder import values
from builder.draft import Draft
from builder.uses import Use
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.db.transaction import reading
from runtime.kinds.kind import catalogue
from runtime.publish import impact

ANSWER = "replace:"
"""The name of a control that says what takes a choice's place, before the choice; empty leaves it as it is."""


@dataclass(frozen=True)
class Going:
    """A choice that goes. records: how many hold it; uses: the definitions that say it; chosen: what may take its place."""
    value: str
    label: str
    records: int
    uses: tuple[Use, ...]
    chosen: str = ""

    @property
    def name(self) -> str:
        return ANSWER + self.value


def gone(field: Field, content: Mapping[str, Any]) -> dict[str, str]:
    """{value: label} of the choices the field has and its content has not."""
    kept = {each.get("value") for each in _choices(content)}
    return {each["value"]: each.get("label") or each["value"] for each in _kind(field).stages(field) if each["value"] not in kept}


def asked(draft: Draft, module: Module, field: Field, content: Mapping[str, Any], form: Any) -> list[Going]:
    """Of the choices that go those that records hold or definitions say, while nobody has said what becomes of them."""
    going = {value: label for value, label in gone(field, content).items() if ANSWER + value not in form}
    held = _held(draft, module, field) if going else {}
    found = [Going(value, label, held.get(value, 0), tuple(values.uses(draft.definitions, module, field, value)),
                   _renamed(content, label)) for value, label in going.items()]
    return [each for each in found if each.records or each.uses]


def offered(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(value, label) of what may take a place."""
    return [(each["value"], each.get("label") or each["value"]) for each in _choices(content) if each.get("value")]


def answered(field: Field, content: Mapping[str, Any], form: Any) -> dict[str, str]:
    """{choice that goes: the one that takes its place}."""
    kept = {each.get("value") for each in _choices(content)}
    return {value: form[ANSWER + value] for value in gone(field, content) if form.get(ANSWER + value) in kept}


def carried_out(definitions: Definitions, origin: Definitions, module: Module, field: Field, content: dict[str, Any],
                moves: Mapping[str, str]) -> Definitions:
    """The definitions with what says these choices saying the others; the field's content gets what publishing has to know.

    origin: what the draft began with; records can only hold choices that stand there.
    """
    settings = content.get("settings", {})
    kept = {each.get("value") for each in _choices(content)}
    before = settings.get("replaced", {})
    live = origin.module_by_id(module.id)
    then = live.by_id.get(field.id) if live else None
    known = {each["value"] for each in _kind(then).stages(then)} if then else set()
    replaced = {old: moves.get(new, new) for old, new in before.items()} | {old: new for old, new in moves.items() if old in known}
    replaced = {old: new for old, new in replaced.items() if old not in kept and new in kept}
    if replaced:
        settings["replaced"] = replaced
    else:
        settings.pop("replaced", None)
    if content.get("default") is not None and moves:
        content["default"] = _kind(field).exchanged(field, content["default"], moves)
    definitions = values.exchanged(definitions, module, field, moves) if moves else definitions
    return values.unsaid(definitions, module, field, gone(field, content))


def _choices(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in content.get("settings", {}).get("choices", ()) if isinstance(each, Mapping)]


def _kind(field: Field) -> Any:
    return catalogue().get("field_types", field.type)


def _held(draft: Draft, module: Module, field: Field) -> Mapping[str, int]:
    home = draft.live.module_by_id(module.id)
    now = home.by_id.get(field.id) if home else None
    if home is None or now is None or not _kind(now).stages(now):
        return {}
    with reading() as connection:
        return impact.holding(connection, home.name, now)


def _renamed(content: Mapping[str, Any], label: str) -> str:
    """The choice people read by the same words: only its value was written anew."""
    return next((str(each.get("value") or "") for each in _choices(content) if each.get("label") == label), "")
