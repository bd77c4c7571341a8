"""Uploads: how file fields take a file from a form, and make it part of the record that names it."""
import re
from typing import Any

import marshmallow as ma

from runtime.errors import Invalid, NotFound
from runtime.fields.values import refuse
from runtime.files import store
from runtime.files.types import NotTaken
from runtime.locale.text import _


class FileId(ma.fields.Field[Any]):
    """An upload from a form (an object with a filename and a stream), or the id of a file the actor sent before."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{20,40}", value):
            return str(value)
        if isinstance(value, store.Stored):
            return value
        if hasattr(value, "stream") and getattr(value, "filename", None):
            try:
                return store.keep(value.stream, value.filename)
            except NotTaken as problem:
                raise refuse(problem.sentence, **problem.places) from None
        raise refuse("Choose a file to upload.")


def claim(tx: Any, field: Any, change: Any, *, picture: bool = False) -> None:
    """Set the id and name of a fresh upload in change.after and claim it for this field; a foreign id is no file at all."""
    value, name = change.after.get(field.name), f"{field.name}.name"
    if value is None:
        change.after[name] = None
        return
    if value == change.before.get(field.name):
        return
    if isinstance(value, store.Stored):
        value = change.after[field.name] = store.put(tx.connection, value, change.actor.user_id).id
    try:
        change.after[name] = store.claim(tx.connection, value, actor_id=change.actor.user_id, module_id=change.module.id,
                                         field_id=field.id, record_id=change.record_id, picture=picture)
    except NotFound:
        raise Invalid({field.name: [_("There is no such file. Upload it again.")]}) from None
    except NotTaken as problem:
        raise Invalid({field.name: [_(problem.sentence, **problem.places)]}) from None
    change.notes.setdefault("files", []).append(value)
