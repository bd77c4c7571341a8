"""Builders: a module, a field, an actor, a published set of definitions, in one readable line each."""
from typing import Any

import sqlalchemy as sa

from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.model.view import View
from runtime import publish
from runtime.tables import published
from runtime.values import HOUSE, Actor

STAGES = ({"value": "Qualification", "label": "Qualification", "color": "teal", "stage": "open", "probability": 20},
          {"value": "Proposal", "label": "Proposal", "color": "violet", "stage": "open", "probability": 50},
          {"value": "Closed Won", "label": "Closed Won", "color": "green", "stage": "won", "probability": 100},
          {"value": "Closed Lost", "label": "Closed Lost", "color": "red", "stage": "lost", "probability": 0})


def a_field(name: str, type: str = "text", **properties: Any) -> Field:
    settings = properties.pop("settings", {})
    module = properties.pop("of", "x")
    return Field(id=f"fld_{module}_{name}", name=name, label=properties.pop("label", name.replace("_", " ").capitalize()),
                 type=type, settings=settings, **properties)


def a_module(name: str, *fields: Field, **properties: Any) -> Module:
    known = dict.fromkeys(field.name for field in fields)
    if "name" not in known:
        fields = (a_field("name", of=name, required=True), *fields)
    label = name.replace("_", " ").capitalize()
    return Module(**{"id": f"mod_{name}", "name": name, "label": label.removesuffix("s"), "plural": label, "name_field": "name",
                     "search_fields": ("name",), "fields": tuple(fields)} | properties)


def accounts(*more: Field) -> Module:
    return a_module("accounts", a_field("industry", of="accounts"), a_field("secret", of="accounts"),
                    a_field("won", "rollup", of="accounts", settings={
                        "module": "deals", "field": "account", "measure": "sum", "of": "amount",
                        "criteria": {"field": "stage", "operator": "is", "operand": "Closed Won"}}), *more)


def deals(*more: Field) -> Module:
    return a_module("deals", a_field("stage", "picklist", of="deals", settings={"choices": list(STAGES)}),
                    a_field("amount", "currency", of="deals"), a_field("close_date", "date", of="deals"),
                    a_field("account", "lookup", of="deals", settings={"module": "accounts"}),
                    a_field("weighted", "formula", of="deals", settings={"expression": "amount / 2", "result": "number"}), *more,
                    stage_field="stage")


def a_role(name: str = "rep", **modules: Any) -> Role:
    """modules: {module name: grants}; everything may be done to the others unless "*" is given."""
    everything = {"read": "all", "create": True, "edit": "all", "delete": "all", "import": True, "export": True, "give": True}
    granted = {"*": everything} | {("*" if name == "any" else f"mod_{name}"): grants for name, grants in modules.items()}
    return Role(id=f"role_{name}", name=name, label=name.capitalize(), modules=granted)


def publish_all(*documents: Any) -> Any:
    """Publish these definitions as the house; answers what is published now."""
    publish.publish(HOUSE, Definitions({document.path: document for document in documents}))
    return published.refresh()


def a_rep(user_id: int = 7, *roles: str, **properties: Any) -> Actor:
    return Actor(user_id=user_id, name="Lan Nguyễn", roles=roles or ("rep",), **properties)


def a_view(module: str, columns: tuple[str, ...], name: str = "all", **properties: Any) -> View:
    return View(**{"id": f"view_{module}_{name}", "name": name, "module": module, "label": name.capitalize(), "columns": columns,
                   "default": name == "all"} | properties)


def a_layout(module: str, **properties: Any) -> Layout:
    sections = ({"name": "main", "label": "Main", "columns": 2, "fields": ["name", "owner"]},)
    return Layout(**{"id": f"lay_{module}", "name": "standard", "module": module, "label": "Standard",
                     "sections": sections} | properties)


def emptied(connection: Any, tables: str) -> None:
    """Nothing is in these tables any more, history among them: what no installation may do."""
    for statement in ("ALTER TABLE house.history DISABLE TRIGGER USER", f"TRUNCATE {tables} CASCADE",
                      "ALTER TABLE house.history ENABLE TRIGGER USER"):
        connection.execute(sa.text(statement))
