"""What a client may do here, for this actor and this published version: a metadata listing and an OpenAPI document."""
from collections.abc import Callable
from typing import Any

from metadata.model.convert_map import ConvertMap
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.records import buttons
from runtime.records.form import form_of
from runtime.records.list_state import may_open
from runtime.records.shown import label
from runtime.security import policy
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor

SPOKEN = {"number": {"type": "number"}, "boolean": {"type": "boolean"}, "date": {"type": "string", "format": "date"},
          "datetime": {"type": "string", "format": "date-time"}, "text": {"type": "string"},
          "list": {"type": "array", "items": {"type": "string"}}}


Described = Callable[[Published, Actor], tuple[dict[str, Any], dict[str, Any]]]
_rooms: list[Described] = []


def add(described: Described) -> None:
    """A room's part of the document: (schemas, paths) for an actor."""
    if described not in _rooms:
        _rooms.append(described)


def metadata(actor: Actor) -> dict[str, Any]:
    """{"number", "modules": [{name, label, plural, fields, views, may}]}: only what the actor may read."""
    now = published.current()
    return now.once(("metadata", _who(actor)), lambda: {
        "number": now.number, "modules": [_module(now, actor, module) for module in _modules(now, actor)]})


def document(actor: Actor) -> dict[str, Any]:
    now = published.current()
    return now.once(("openapi", _who(actor)), lambda: _document(now, actor))


def _who(actor: Actor) -> Any:
    return actor.everything, actor.roles, actor.language


def _modules(now: Published, actor: Actor) -> list[Module]:
    return sorted((module for module in now.definitions.modules.values() if policy.may(actor, "read", module)),
                  key=lambda module: (module.position, module.name))


def _fields(actor: Actor, module: Module) -> list[Field]:
    readable = policy.readable(actor, module)
    return [field for field in module.all_fields if field.name in readable]


def _module(now: Published, actor: Actor, module: Module) -> dict[str, Any]:
    editable = policy.editable(actor, module)
    fields = []
    for field in _fields(actor, module):
        kind = now.type(field)
        shown: dict[str, Any] = {
            "name": field.name, "label": label(now, actor, module, field), "type": field.type, "required": field.required,
            "editable": field.name in editable, "operators": [operator.name for operator in kind.asked(field)],
            "measures": list(kind.measures), "buckets": list(kind.buckets)}
        parts = [part for part in kind.columns(field) if part]
        if parts:
            shown["parts"] = [f"{field.name}.{part}" for part in parts]
        if kind.target(field):
            shown["module"] = kind.target(field)
        if kind.stages(field):
            shown["choices"] = [dict(choice) for choice in kind.stages(field)]
        fields.append(shown)
    base = f"modules.{module.name}"
    return {"name": module.name, "label": now.label(f"{base}.label", actor.language, module.label),
            "plural": now.label(f"{base}.plural", actor.language, module.plural), "name_field": module.name_field,
            "fields": fields,
            "views": [{"name": view.name, "label": now.label(f"views.{view.key}.label", actor.language, view.label)}
                      for view in now.definitions.views_of(module.name) if may_open(now, actor, view)],
            "may": {verb: policy.may(actor, verb, module) for verb in ("create", "edit", "delete", "import", "export")}}


def _schema(now: Published, field: Field, part: str) -> dict[str, Any]:
    kind = now.type(field)
    if kind.target(field) and not part:
        base: dict[str, Any] = {"type": "integer"}
    else:
        base = dict(SPOKEN.get(kind.part_speaks(field, part) or "", {}))
    if "type" in base:
        base["type"] = [base["type"], "null"]
    choices = kind.stages(field)
    if choices and base.get("type") == ["string", "null"] and not part:
        base["enum"] = [*(choice["value"] for choice in choices), None]
    return base


def _properties(now: Published, actor: Actor, module: Module, names: frozenset[str]) -> dict[str, Any]:
    properties = {}
    for field in _fields(actor, module):
        if field.name in names:
            parts = list(now.type(field).columns(field)) or [""]
            for part in parts:
                path = f"{field.name}.{part}" if part else field.name
                properties[path] = _schema(now, field, part) | {"title": label(now, actor, module, field)}
    return properties


def _inputs(now: Published, actor: Actor, module: Module) -> dict[str, Any]:
    """What may be sent: every settable path, and fields of several parts also as an object of them."""
    editable = policy.editable(actor, module)
    sent: dict[str, Any] = {}
    for path, (field, part, _value) in form_of(now, module).entries.items():
        if field.name not in editable:
            continue
        schema = _schema(now, field, part) | {"title": label(now, actor, module, field)}
        sent[path] = schema
        if part and "" not in now.type(field).columns(field):
            whole = sent.setdefault(field.name, {"type": ["object", "null"], "additionalProperties": False, "properties": {}})
            whole["properties"][part] = schema
    return sent


PROBLEM = {"description": "A problem document (RFC 9457).",
           "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
REFUSALS = dict.fromkeys(("400", "401", "403", "404", "422"), PROBLEM)
PROBLEM_SCHEMA = {"type": "object", "properties": {
    **{name: {"type": "string"} for name in ("type", "title", "detail", "code", "request_id")}, "status": {"type": "integer"},
    "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}}}


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
HISTORY = {"type": "object", "properties": {"history": {"type": "array", "items": {"type": "object", "properties": {
    "id": {"type": "integer"}, "version": {"type": "integer"}, "verb": {"type": "string"},
    "at": {"type": "string", "format": "date-time"}, "by": {"type": ["integer", "null"]}, "by_name": {"type": ["string", "null"]},
    "channel": {"type": "string"},
    "changed": {"type": "object", "description": "{path: [before, after]}", "additionalProperties": {"type": "array"}}}}}}}


PRESSED = {"type": "object", "properties": {"said": {"type": "array", "items": {"type": "string"}},
                                           "address": {"type": ["string", "null"]}}}
CONVERTED = {"type": "object", "properties": {"made": {"type": "array", "items": {"type": "object", "properties": {
    "module": {"type": "string"}, "id": {"type": "integer"}}}}}}


def _document(now: Published, actor: Actor) -> dict[str, Any]:
    schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA}
    paths: dict[str, Any] = {}
    for module in _modules(now, actor):
        name = "".join(word.capitalize() for word in module.name.split("_"))
        schemas[name] = {"type": "object", "properties": {
            "id": {"type": "integer"}, "version": {"type": "integer"},
            **_properties(now, actor, module, policy.readable(actor, module))}}
        schemas[f"{name}Input"] = {"type": "object", "additionalProperties": False, "properties": _inputs(now, actor, module)}
        paths[f"/api/v1/records/{module.name}"] = _many(actor, module, name)
        paths[f"/api/v1/records/{module.name}/{{id}}"] = _single(actor, module, name)
        paths[f"/api/v1/records/{module.name}/{{id}}/history"] = {"parameters": [ID], "get": _operation(
            f"history{name}", module, ("before", "limit"), {"200": _answer("Every change, newest first.", HISTORY)})}
        if policy.may(actor, "delete", module):
            paths[f"/api/v1/records/{module.name}/{{id}}/restore"] = {"parameters": [ID], "post": _operation(
                f"restore{name}", module, (), {"200": _answer(module.label, _reference(name)), "409": PROBLEM})}
        paths |= _acts(now, actor, module, name)
        paths[f"/api/v1/aggregate/{module.name}"] = {"get": _operation(
            f"aggregate{name}", module, ("group", "measures", "filter"), {"200": _answer("Rows of groups and measures.", {
                "type": "object", "properties": {"rows": {"type": "array", "items": {"type": "object"}},
                                                 "capped": {"type": "boolean"}}})})}
    paths["/api/v1/search"] = {"get": {
        "operationId": "search", "parameters": [_parameter(name) for name in ("q", "limit", "module")],
        "responses": {"200": _answer("Hits, best first.", {"type": "object", "properties": {"results": {
            "type": "array", "items": {"type": "object", "properties": {
                "module": {"type": "string"}, "id": {"type": "integer"}, "title": {"type": "string"},
                "meta": {"type": ["string", "null"]}}}}}})} | REFUSALS}}
    for name, said in (("metadata", "The modules and fields this key may read."), ("openapi.json", "This document.")):
        paths[f"/api/v1/{name}"] = {"get": {"operationId": name.partition(".")[0], "parameters": [],
                                            "responses": {"200": _answer(said, {"type": "object"}), "401": PROBLEM}}}
    for described in _rooms:
        more, further = described(now, actor)
        schemas |= more
        paths |= further
    return {"openapi": "3.1.0", "info": {"title": "Banyan", "version": str(now.number)},
            "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
            "security": [{"key": []}], "paths": paths}


def _many(actor: Actor, module: Module, name: str) -> dict[str, Any]:
    """The collection: list, and create where the actor may."""
    page = {"type": "object", "properties": {
        "records": {"type": "array", "items": _reference(name)}, "count": {"type": ["integer", "null"]},
        "capped": {"type": "boolean"}, "next": {"type": ["string", "null"]}, "previous": {"type": ["string", "null"]}}}
    offered = {"get": _operation(f"list{name}", module, ("filter", "sort", "fields", "limit", "after", "before", "count", "q"),
                                 {"200": _answer(module.plural, page)})}
    if policy.may(actor, "create", module):
        offered["post"] = _operation(f"create{name}", module, (), {"201": _answer(module.label, _reference(name))},
                                     given=f"{name}Input", header="Idempotency-Key")
    return offered


def _single(actor: Actor, module: Module, name: str) -> dict[str, Any]:
    """One record: read, and change and delete where the actor may."""
    one = {"200": _answer(module.label, _reference(name))}
    offered: dict[str, Any] = {
        "parameters": [ID],
        "get": _operation(f"read{name}", module, ("fields",), one)}
    if policy.may(actor, "edit", module):
        offered["patch"] = _operation(f"change{name}", module, (), one | {"412": PROBLEM, "428": PROBLEM}, given=f"{name}Input",
                                      header="If-Match", header_required=True)
    if policy.may(actor, "delete", module):
        offered["delete"] = _operation(f"delete{name}", module, (), {"204": {"description": "In the recycle bin for 60 days."}})
    return offered


def _acts(now: Published, actor: Actor, module: Module, name: str) -> dict[str, Any]:
    """What can be done with one record beyond changing it: press a button, convert it."""
    one, found = f"/api/v1/records/{module.name}/{{id}}", {}
    if known := buttons.of(now, actor, module):
        which = {"name": "button", "in": "path", "required": True, "schema": {
            "type": "string", "enum": list(dict.fromkeys(button.name for button in known))}}
        found[f"{one}/press/{{button}}"] = {"parameters": [ID, which], "post": _operation(
            f"press{name}", module, (), {"200": _answer("What it did.", PRESSED)}, header="Idempotency-Key")}
    if now.definitions.of(ConvertMap, module.name):
        found[f"{one}/convert"] = {"parameters": [ID], "post": _operation(
            f"convert{name}", module, (), {"201": _answer("What it became.", CONVERTED), "409": PROBLEM})}
    return found


def _operation(name: str, module: Module, asks: tuple[str, ...], answers: dict[str, Any], *, given: str = "", header: str = "",
               header_required: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": name, "tags": [module.plural], "responses": answers | REFUSALS,
                            "parameters": [_parameter(each) for each in asks]}
    if header:
        made["parameters"].append(_parameter(header, "header", header_required))
    if given:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(given)}}}
    return made


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, place: str = "query", required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}
