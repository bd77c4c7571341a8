"""People as a module of their own: what a path sees behind an owner field ("owner.name")."""
from metadata.model.field import Field
from metadata.model.module import Module

PEOPLE = Module(
    id="mod_users", name="users", label="Person", plural="People", name_field="name", icon="users",
    fields=(Field(id="fld_users_name", name="name", label="Name", type="text"),
            Field(id="fld_users_email", name="email", label="Email", type="email"),
            Field(id="fld_users_active", name="active", label="Active", type="checkbox")),
    search_fields=("name", "email"),
)
"""Read-only; its rows are house.person."""

READABLE = frozenset(field.name for field in PEOPLE.fields) | {"id"}
