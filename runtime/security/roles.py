"""Roles: what a set of published roles adds up to, module by module and field by field.

Several roles add up: a person may do what any one of their roles allows. A role that is not published gives nothing.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from metadata.model.module import Module
from metadata.model.role import Role

EVERYONE_ELSE = "*"
NO, OWN, ALL = "no", "own", "all"
SCOPES = (NO, OWN, ALL)
HIDDEN, READ, EDIT = "hidden", "read", "edit"
LEVELS = (HIDDEN, READ, EDIT)


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be done with one module.

    read, edit, delete: "all", "own" or "no"; edit and delete never reach further than read.
    read_levels/write_levels: {field id: "hidden"|"read"|"edit"} as the roles that read (that write) see it.
    """
    read: str = NO
    create: bool = False
    edit: str = NO
    delete: str = NO
    imports: bool = False
    export: bool = False
    give: bool = False
    read_levels: Mapping[str, str] = field(default_factory=dict)
    write_levels: Mapping[str, str] = field(default_factory=dict)

    def scope(self, verb: str) -> str:
        """How far a verb reaches: "all" records, "own" ones, or "no" records. Verbs without an owner are all or none."""
        match verb:
            case "read" | "edit" | "delete":
                return getattr(self, verb)
            case "create":
                return ALL if self.create else NO
            case "import":
                return ALL if self.imports and self.create else NO
            case "export":
                return self.read if self.export else NO
            case "give":
                return ALL if self.give else NO
            case _:
                raise ValueError(f"There is no verb '{verb}'.")


EVERYTHING = Grant(ALL, True, ALL, ALL, True, True, True)


def grant(roles: Iterable[Role], module: Module) -> Grant:
    """What these roles together allow in a module."""
    said = [one for role in roles if (one := role.modules.get(module.id, role.modules.get(EVERYONE_ELSE)))]
    readers = [one for one in said if _scope(one, "read") != NO]
    writers = [one for one in said if one.get("create") or _scope(one, "edit") != NO]
    return Grant(
        read=_widest(_scope(one, "read") for one in said),
        create=any(one.get("create") for one in said),
        edit=_widest(_within_read(one, "edit") for one in said),
        delete=_widest(_within_read(one, "delete") for one in said),
        imports=any(one.get("import") for one in said),
        export=any(one.get("export") for one in readers),
        give=any(one.get("give") for one in said),
        read_levels=_levels(readers),
        write_levels=_levels(writers))


def _scope(said: Mapping[str, Any], verb: str) -> str:
    scope = said.get(verb, NO)
    return scope if scope in SCOPES else NO


def _within_read(said: Mapping[str, Any], verb: str) -> str:
    return min(_scope(said, verb), _scope(said, "read"), key=SCOPES.index)


def _widest(scopes: Iterable[str]) -> str:
    return max(scopes, key=SCOPES.index, default=NO)


def _levels(said: list[Mapping[str, Any]]) -> dict[str, str]:
    """A field is hidden only where every role hides it; a field that a role does not name it may edit."""
    named = {field_id for one in said for field_id in one.get("fields", ())}
    return {field_id: max((_level(one, field_id) for one in said), key=LEVELS.index) for field_id in named}


def _level(said: Mapping[str, Any], field_id: str) -> str:
    level = said.get("fields", {}).get(field_id, EDIT)
    return level if level in LEVELS else HIDDEN
