"""What a client may do here, for this actor and this published version: a metadata listing and an OpenAPI document."""
from typing import Any

from metadata.model.field import Field
from metadata.model.module import Module
from runtime.records.shown import label
from runtime.security import policy
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor

SPOKEN = {"number": {"type": "number"}, "boolean": {"type": "boolean"}, "date": {"type": "string", "format": "date"},
          "datetime": {"type": "string", "format": "date-time"}, "text": {"type": "string"}}


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
                      for view in now.definitions.views_of(module.name)],
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


def _document(now: Published, actor: Actor) -> dict[str, Any]:
    problem = {"description": "A problem document (RFC 9457).",
               "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    refusals = {"400": problem, "401": problem, "403": problem, "404": problem, "422": problem}
    schemas: dict[str, Any] = {"Problem": {"type": "object", "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
        "code": {"type": "string"}, "request_id": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}}}}
    paths: dict[str, Any] = {}
    for module in _modules(now, actor):
        name = "".join(word.capitalize() for word in module.name.split("_"))
        readable = _properties(now, actor, module, policy.readable(actor, module))
        schemas[name] = {"type": "object", "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}} | readable}
        editable = _properties(now, actor, module, policy.editable(actor, module))
        schemas[f"{name}Input"] = {"type": "object", "properties": editable, "additionalProperties": False}
        one = {"200": {"description": module.label, "content": _json(f"#/components/schemas/{name}")}} | refusals
        given = {"required": True, "content": _json(f"#/components/schemas/{name}Input")}
        each: dict[str, Any] = {"get": {"operationId": f"read{name}", "tags": [module.plural], "parameters": [_parameter("fields")],
                                        "responses": one}}
        listed: dict[str, Any] = {"get": {
            "operationId": f"list{name}", "tags": [module.plural],
            "parameters": [_parameter(each_name) for each_name in ("filter", "sort", "fields", "limit", "after", "count", "q")],
            "responses": {"200": {"description": module.plural, "content": {"application/json": {"schema": {
                "type": "object", "properties": {
                    "records": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
                    "count": {"type": ["integer", "null"]}, "capped": {"type": "boolean"},
                    "next": {"type": ["string", "null"]}, "previous": {"type": ["string", "null"]}}}}}}} | refusals}}
        if policy.may(actor, "create", module):
            listed["post"] = {"operationId": f"create{name}", "tags": [module.plural], "requestBody": given,
                              "parameters": [_parameter("Idempotency-Key", "header")],
                              "responses": {"201": one["200"]} | refusals}
        if policy.may(actor, "edit", module):
            each["patch"] = {"operationId": f"change{name}", "tags": [module.plural], "requestBody": given,
                             "parameters": [_parameter("If-Match", "header", required=True)],
                             "responses": one | {"412": problem, "428": problem}}
        if policy.may(actor, "delete", module):
            each["delete"] = {"operationId": f"delete{name}", "tags": [module.plural],
                              "responses": {"204": {"description": "In the recycle bin for 60 days."}} | refusals}
        each["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
        paths[f"/api/v1/records/{module.name}"] = listed
        paths[f"/api/v1/records/{module.name}/{{id}}"] = each
        paths[f"/api/v1/aggregate/{module.name}"] = {"get": {
            "operationId": f"aggregate{name}", "tags": [module.plural],
            "parameters": [_parameter(each_name) for each_name in ("group", "measures", "filter")],
            "responses": {"200": {"description": "Rows of groups and measures.", "content": {"application/json": {"schema": {
                "type": "object", "properties": {"rows": {"type": "array", "items": {"type": "object"}},
                                                 "capped": {"type": "boolean"}}}}}}} | refusals}}
    paths["/api/v1/search"] = {"get": {"operationId": "search", "parameters": [_parameter("q")], "responses": {
        "200": {"description": "Hits."}} | refusals}}
    return {"openapi": "3.1.0", "info": {"title": "Banyan", "version": str(now.number)},
            "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
            "security": [{"key": []}], "paths": paths}


def _json(reference: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": reference}}}


def _parameter(name: str, place: str = "query", required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}
