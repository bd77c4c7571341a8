"""The imports in the OpenAPI document, as far as an actor may import."""
from typing import Any

from runtime.exchange import choices
from runtime.records.openapi import PROBLEM, REFUSALS
from runtime.security import policy
from runtime.tables.published import Published
from runtime.values import Actor

HOME = "/api/v1/imports"
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
NUMBERS = {"type": "object", "additionalProperties": {"type": "integer"}}
STATES = ["new", "staged", "running", "done", "failed", "undoing", "undone"]


def of(now: Published, actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
    """(schemas, paths): none where the actor may import nowhere."""
    modules = sorted(module.name for module in now.definitions.modules.values() if policy.may(actor, "import", module))
    if not modules:
        return {}, {}
    return {"Import": _import(modules), "ImportChange": _change()}, _paths(modules)


def _import(modules: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": {
        "id": {"type": "integer"}, "state": {"type": "string", "enum": STATES},
        "module": {"type": ["string", "null"], "enum": [*modules, None]},
        "module_sure": {"type": ["number", "null"], "description": "If it was guessed: the part of the headings it knows."},
        "name": {"type": "string"}, "sheet": {"type": "string"}, "sheets": {"type": "array", "items": {"type": "string"}},
        "mapping": TEXTS | {"description": "{heading: field}"}, "values": {"type": "object", "additionalProperties": TEXTS},
        "match": {"type": "string"}, "mode": {"type": "string", "enum": list(choices.HANDLED)},
        "on_duplicate": {"type": "string", "enum": list(choices.HANDLED)},
        "progress": {"type": "object", "properties": {"rows": {"type": "integer"}, "done": {"type": "integer"}}},
        "counts": NUMBERS, "problem": {"type": ["string", "null"]}, "begun_at": {"type": "string", "format": "date-time"},
        "finished_at": {"type": ["string", "null"], "format": "date-time"}, "links": TEXTS,
        "columns": {"type": "array", "description": "While it has not started.", "items": {"type": "object", "properties": {
            "heading": {"type": "string"}, "samples": {"type": "array", "items": {"type": "string"}},
            "field": {"type": ["string", "null"]}, "sure": {"type": ["number", "null"]}, "fine": {"type": "integer"},
            "empty": {"type": "integer"}, "unread": {"type": "integer"}, "missing": {"type": "integer"},
            "reason": {"type": "string"}, "cells": NUMBERS}}},
        "fields": {"type": "array", "items": TEXTS}, "keys": {"type": "array", "items": TEXTS}}}


def _change() -> dict[str, Any]:
    handled = {"type": "string", "enum": list(choices.HANDLED)}
    return {"type": "object", "additionalProperties": False, "properties": {
        "sheet": {"type": "string"}, "mapping": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        "values": {"type": "object", "additionalProperties": TEXTS}, "match": {"type": "string"}, "mode": handled,
        "on_duplicate": handled}}


def _paths(modules: list[str]) -> dict[str, Any]:
    one = {"$ref": "#/components/schemas/Import"}
    sent = {"type": "object", "required": ["file"], "properties": {
        "file": {"type": "string", "format": "binary"}, "module": {"type": "string", "enum": modules}, "name": {"type": "string"}}}
    page = {"type": "object", "properties": {"imports": {"type": "array", "items": one}, "next": {"type": ["integer", "null"]}}}
    problems = {"type": "object", "properties": {"problems": {"type": "array", "items": {"type": "object", "properties": {
        "row": {"type": "integer"}, "kind": {"type": "string"}, "column": {"type": "string"}, "value": {"type": "string"},
        "reason": {"type": "string"}}}}, "next": {"type": ["string", "null"]}}}
    check = {"type": "object", "properties": {
        "rows": {"type": "integer"}, "all_rows": {"type": "boolean"}, "counts": NUMBERS,
        "reasons": {"type": "array", "items": {"type": "object"}}, "duplicates": {"type": "array", "items": {"type": "object"}}}}
    conflict = {"409": PROBLEM}
    return {
        HOME: {"post": _does("uploadImport", {"201": _answer("What it holds, and where it would go.", one), "413": PROBLEM},
                             body=("multipart/form-data", sent)),
               "get": _does("listImports", {"200": _answer("Newest first.", page)}, asks=("limit", "before"))},
        f"{HOME}/{{id}}": {
            "parameters": [ID], "get": _does("readImport", {"200": _answer("An import.", one)}),
            "patch": _does("changeImport", {"200": _answer("The import, corrected.", one), **conflict},
                           body=("application/json", {"$ref": "#/components/schemas/ImportChange"})),
            "delete": _does("discardImport", {"204": {"description": "Nothing was taken in."}, **conflict})},
        f"{HOME}/{{id}}/check": {"parameters": [ID], "post": _does(
            "checkImport", {"200": _answer("What a start would do with the first rows.", check), **conflict})},
        f"{HOME}/{{id}}/start": {"parameters": [ID], "post": _does(
            "startImport", {"202": _answer("A worker takes it.", one), **conflict}, header="Idempotency-Key")},
        f"{HOME}/{{id}}/undo": {"parameters": [ID], "post": _does(
            "undoImport", {"202": _answer("A worker takes it back.", one), **conflict})},
        f"{HOME}/{{id}}/problems": {"parameters": [ID], "get": _does(
            "importProblems", {"200": _answer("What was refused or warned of.", problems)}, asks=("limit", "after"))},
        f"{HOME}/{{id}}/problems.csv": {"parameters": [ID], "get": _does("importProblemFile", {"200": {
            "description": "The same as a file.", "content": {"text/csv": {"schema": {"type": "string"}}}}})}}


def _does(name: str, answers: dict[str, Any], *, asks: tuple[str, ...] = (), header: str = "",
          body: tuple[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    asked = [{"name": each, "in": place, "required": False, "schema": {"type": "string"}}
             for each, place in (*((each, "query") for each in asks), *(((header, "header"),) if header else ()))]
    made: dict[str, Any] = {"operationId": name, "tags": ["Imports"], "parameters": asked, "responses": answers | REFUSALS}
    if body:
        made["requestBody"] = {"required": True, "content": {body[0]: {"schema": body[1]}}}
    return made


def _answer(said: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}
