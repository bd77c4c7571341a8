"""Take out: a draft without one of its changes; everything else in it stays as it is."""
from dataclasses import replace
from typing import Any

from metadata.changes import (
    AddDocument,
    AddField,
    AddModule,
    Change,
    ChangeDocument,
    ChangeField,
    ChangeFieldType,
    RenameField,
    RenameModule,
    RestoreField,
    RestoreModule,
    RetireDocument,
    RetireField,
    RetireModule,
)
from metadata.definitions import Definitions, is_sound, mark_sound
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module


def noun(change: Change) -> Document:
    """What the change is about, as it is afterwards (as it was, where it goes)."""
    return getattr(change, "field", None) or getattr(change, "document", None) or change.module


def key(change: Change) -> str:
    """Names a change among those of one draft: "RetireField.fld_fax"."""
    return f"{type(change).__name__}.{noun(change).id}"


def without(origin: Definitions, draft: Definitions, change: Change) -> Definitions:
    """origin: what the draft began with. Renames are to be carried by the caller, as after any edit."""
    for kinds, act in _ACTS:
        if isinstance(change, kinds):
            return act(origin, draft, change)
    raise TypeError(f"{type(change).__name__} cannot be taken out.")


def _cut_module(_origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    """With what was made for it: nothing of that can stand without it."""
    name = change.module.name
    return Definitions({path: each for path, each in draft.documents.items()
                        if path != change.module.path and getattr(each, "module", None) != name})


def _put_module_back(origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    """With its layouts, views, rules and buttons, where the draft took them away too."""
    there = {document.id for document in draft.documents.values()}
    for document in origin.documents.values():
        if document.id == change.module.id or (getattr(document, "module", None) == change.module.name
                                               and document.id not in there and document.path not in draft.documents):
            draft = draft.with_document(document)
    return draft


def _name_module_back(_origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    now = draft.modules[change.module.name]
    return draft.without(now.path).with_document(_sound(replace(now, name=change.before.name), now))


def _cut_field(_origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    module = draft.module_by_id(change.module.id)
    return draft.with_document(with_fields(module, [field for field in module.fields if field.id != change.field.id]))


def _put_field_back(origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    """Behind the field it stood behind."""
    module, before = draft.module_by_id(change.module.id), origin.module_by_id(change.module.id)
    ids = [field.id for field in before.fields]
    fields = list(module.fields)
    ahead = [id for id in ids[:ids.index(change.field.id)] if id in module.by_id]
    place = [field.id for field in fields].index(ahead[-1]) + 1 if ahead else 0
    return draft.with_document(with_fields(module, [*fields[:place], change.field, *fields[place:]]))


def _field_as_before(_origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    """A change of properties keeps a new name, a rename keeps new properties: each is a change of its own."""
    module = draft.module_by_id(change.module.id)
    now = module.by_id[change.field.id]
    old: Field = replace(now, name=change.before.name) if isinstance(change, RenameField) else replace(change.before, name=now.name)
    return draft.with_document(with_fields(module, [_sound(old, now) if field.id == old.id else field for field in module.fields]))


def _cut_document(_origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    return draft.without(change.document.path)


def _put_document_back(_origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    return draft.with_document(change.document)


def _document_as_before(_origin: Definitions, draft: Definitions, change: Any) -> Definitions:
    now, before = change.document, change.before
    if isinstance(now, Module):
        known = [now.by_id[field.id] for field in before.fields if field.id in now.by_id]
        new = [field for field in now.fields if field.id not in before.by_id]
        return draft.with_document(_sound(replace(before, name=now.name, fields=(*known, *new)), now))
    if getattr(now, "module", None) != getattr(before, "module", None):
        before = _sound(replace(before, module=now.module), before)
    return draft.without(now.path).with_document(before)


_ACTS = (((AddModule, RestoreModule), _cut_module), (RetireModule, _put_module_back), (RenameModule, _name_module_back),
         ((AddField, RestoreField), _cut_field), (RetireField, _put_field_back),
         ((RenameField, ChangeField, ChangeFieldType), _field_as_before), (AddDocument, _cut_document),
         (RetireDocument, _put_document_back), (ChangeDocument, _document_as_before))


def with_fields(module: Module, fields: list[Field]) -> Module:
    return _sound(replace(module, fields=tuple(fields)), module)


def _sound(made: Any, pattern: Any) -> Any:
    if is_sound(pattern):
        mark_sound(made)
    return made
