"""People as a module of their own: what a path sees behind an owner field ("owner.name")."""
from metadata.model.module import USERS as PEOPLE

READABLE = frozenset(field.name for field in PEOPLE.fields) | {"id"}
"""Everybody who is signed in may know these of a colleague."""

__all__ = ["PEOPLE", "READABLE"]
