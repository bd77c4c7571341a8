"""Named records: what the values of a scenario may say, field by field: a record that was given or made before, a person, a choice.

A schema says so by `"records": "named"`: of a mapping {path: value}, or of a text that names one.
"""
import re
from collections.abc import Iterator, Mapping
from typing import Any

from builder import choices
from builder.schema_reading import anything
from metadata import scenarios
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import USERS, Module
from runtime.kinds.kind import catalogue
from runtime.locale.text import _

_AT = re.compile(r"(given|when|then)\.(\d+)\.")
YES, NO = "true", "false"


def records(definitions: Definitions, scenario: Mapping[str, Any], place: str, module: str) -> choices.Offered:
    """(name, label) of those that are there at a place ("when.1.settings.record"), of one module or, without it, of all."""
    return tuple((name, label) for name, home, label in _there(definitions, scenario, place) if not module or home in (module, ""))


def said(definitions: Definitions, home: Module, path: str, scenario: Mapping[str, Any], place: str) -> choices.Grouped:
    """What a select offers for the value of a field, as one writes it; () where it is written by hand."""
    field = home.field(path)
    if field is None or not catalogue().has("field_types", field.type):
        return ()
    kind = catalogue().get("field_types", field.type)
    target = kind.target(field)
    if target == USERS.name:
        people = choices.roles(definitions)
        return (("", tuple((anything({"person": id}), label) for id, label in people)),) if people else ()
    if target:
        there = records(definitions, scenario, place, target)
        return (("", tuple((anything({"record": name}), label) for name, label in there)),)
    return few(definitions, home, field)


def few(definitions: Definitions, home: Module, field: Field) -> choices.Grouped:
    """The values of a field that knows but a few, as one writes them."""
    kind = catalogue().get("field_types", field.type)
    if kind.speaks == "boolean":
        return (("", ((YES, _("yes")), (NO, _("no")))),)
    known = choices.of_picklist(definitions, home, field) if isinstance(next(iter(kind.examples), None), str) else ()
    return (("", known),) if known else ()


def written(value: Any) -> str:
    """As the options say it."""
    return (YES if value else NO) if isinstance(value, bool) else anything(value)


def _there(definitions: Definitions, scenario: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    """(name, module, label) of what was given or made before a place."""
    found = _AT.match(place)
    part, number = (found[1], int(found[2])) if found else ("then", 0)
    given = scenario.get("given") or ()
    for each in given[:number] if part == "given" else given:
        if isinstance(each, Mapping) and each.get("name"):
            yield _record(definitions, each["name"], str(each.get("module") or ""), each.get("values"))
    when = scenario.get("when") or ()
    for each in () if part == "given" else when[:number] if part == "when" else when:
        settings = each.get("settings") if isinstance(each, Mapping) else None
        if not isinstance(settings, Mapping):
            continue
        names = settings.get("names")
        by_module = {name: module for module, name in names.items()} if isinstance(names, Mapping) else {}
        for name in scenarios.made(settings):
            yield _record(definitions, name, str(by_module.get(name) or settings.get("module") or ""), settings.get("values"))


def _record(definitions: Definitions, name: str, module: str, values: Any) -> tuple[str, str, str]:
    home = definitions.modules.get(module)
    title = values.get(home.name_field) if home and isinstance(values, Mapping) else None
    title = title if isinstance(title, str) and title else name
    called = f"{choices.of_module(definitions, home, 'label')}: {title}" if home else name
    return name, module, called if name in called else f"{called} ({name})"
