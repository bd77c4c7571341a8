"""A large set of definitions: modules of a hundred fields each, with a layout, a view and a rule; the same every time."""
from collections.abc import Iterator

from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.module import Module
from metadata.model.translation import Translation
from metadata.model.validation_rule import ValidationRule
from metadata.model.view import View

TYPES = ("text", "text", "picklist", "integer", "currency", "date", "lookup", "checkbox", "decimal", "formula",
         "email", "phone", "long_text", "datetime", "percent", "url", "rollup")
CHOICES = [{"value": value, "label": value, "color": color} for value, color in (
    ("Open", "blue"), ("Waiting", "amber"), ("Done", "green"), ("Given up", "red"), ("Not sure", "grey"))]


def definitions(modules: int = 300, fields: int = 100) -> Definitions:
    return Definitions.of_documents((
        *(document for at in range(modules) for document in _about(at, modules, fields)),
        Translation(id="tra_large_vi", name="vi", labels={
            f"modules.{name_of(at)}.{place}": f"{said} {at}" for at in range(modules)
            for place, said in (("label", "Mô-đun"), ("plural", "Các mô-đun"), ("fields.name.label", "Tên"))})))


def name_of(at: int) -> str:
    return f"module_{at:03}"


def _about(at: int, modules: int, count: int) -> Iterator[Document]:
    name = name_of(at)
    fields = (_field(at, 0, "text", {"max_length": 120}),
              *(_field(at, number, *_type(at, number, modules)) for number in range(1, count)))
    yield Module(id=f"mod_{name}", name=name, label=f"Module {at}", plural=f"Modules {at}", name_field="name", fields=fields,
                 search_fields=("name",), position=at)
    places = [field.name for field in fields]
    yield Layout(id=f"lay_{name}", name="standard", module=name, label="Standard", sections=tuple(
        {"name": f"part_{first}", "label": f"Part {first}", "columns": 2, "fields": places[first:first + 20]}
        for first in range(0, count, 20)))
    yield View(id=f"view_{name}", name="all", module=name, label="All", columns=tuple(places[:8]), default=True)
    yield ValidationRule(id=f"rule_{name}", name="sound", module=name, message="The number must not be below zero.",
                         refuse_if={"field": "integer_3", "operator": "below", "operand": 0}, field="integer_3")


def _field(at: int, number: int, type: str, settings: dict) -> Field:
    return Field(id=f"fld_{at}_{number}", name=f"{type}_{number}" if number else "name", label=f"{type.capitalize()} {number}",
                 type=type, required=number == 0, settings=settings)


def _type(at: int, number: int, modules: int) -> tuple[str, dict]:
    type = TYPES[number % len(TYPES)]
    if type == "picklist":
        return type, {"choices": CHOICES}
    if type == "lookup":
        return type, {"module": name_of((at * 7 + number) % modules)}
    if type == "formula":
        return type, {"expression": f"coalesce(integer_3, 0) * {at + number} + coalesce(percent_14, 0)", "result": "number"}
    if type == "rollup":        # over the module whose first lookup points here
        source = (at - number + 10) * pow(7, -1, modules) % modules
        return type, {"module": name_of(source), "field": f"lookup_{number - 10}", "measure": "sum", "of": "integer_3"}
    return type, {}
