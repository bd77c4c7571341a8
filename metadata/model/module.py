"""A module: a kind of record (Lead, Deal, Property) with its fields. One table, one menu entry."""
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from metadata.model.document import Document
from metadata.model.field import Field, SystemField


@dataclass(frozen=True, kw_only=True)
class Module(Document):
    """name: plural api name ("deals"); name_field: the field a record is called by; search_fields: names of fields.

    group and position place it in the menu; match_fields: fields an import matches existing records by, best first.
    """
    folder: ClassVar[str] = "modules"
    id: str
    name: str
    label: str
    plural: str
    name_field: str
    icon: str = "box"
    description: str = ""
    group: str = ""
    position: int = 100
    fields: tuple[Field, ...] = ()
    search_fields: tuple[str, ...] = ()
    match_fields: tuple[str, ...] = ()
    stage_field: str | None = None
    """The picklist drawn as a path on the record's page and as columns of a board."""

    @classmethod
    def read(cls, name: str, value: Any) -> Any:
        if name == "fields":
            return tuple(Field.from_json(document) for document in value)
        return super().read(name, value)

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        """The module's own fields, then the house's."""
        return self.fields + SYSTEM_FIELDS

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.all_fields}

    @cached_property
    def by_id(self) -> dict[str, Field]:
        return {field.id: field for field in self.all_fields}

    def field(self, name: str) -> Field | None:
        return self.by_name.get(name)

    def with_fields(self, fields: tuple[Field, ...]) -> "Module":
        return replace(self, fields=fields)


def _system(name: str, label: str, type: str, *, read_only: bool = True, **settings: Any) -> Field:
    return SystemField(id=f"sys_{name}", name=name, label=label, type=type, read_only=read_only, settings=settings)


SYSTEM_FIELDS: tuple[Field, ...] = (
    _system("id", "Record id", "integer"),
    _system("owner", "Owner", "owner", read_only=False),
    _system("created_at", "Created", "datetime"),
    _system("created_by", "Created by", "owner"),
    _system("updated_at", "Changed", "datetime"),
    _system("updated_by", "Changed by", "owner"),
)
"""Every record has these; their columns are made by tables/build.py beside version, deleted_at, deleted_by, search."""


class People(Module):
    """The pseudo-module "users": what `owner.name` reads, over the SQL view house.person. Never stands in a document."""

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        return self.fields


USERS = People(
    id="sys_users", name="users", label="User", plural="Users", name_field="name", icon="user",
    fields=(_system("id", "Record id", "integer"), _system("name", "Name", "text"),
            _system("email", "Email", "email"), _system("active", "Active", "checkbox")),
    search_fields=("name",))
