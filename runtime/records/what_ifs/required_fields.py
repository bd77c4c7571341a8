"""Fields that must be filled from now on, and are empty in records there are."""
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from metadata.definitions import Definitions
from metadata.model.field import Field
from runtime.kinds.what_if import Question, WhatIf
from runtime.locale.text import _
from runtime.tables import labels


class RequiredFields(WhatIf):
    name = "required_fields"
    label = "Required fields"

    def questions(self, live: Definitions, draft: Definitions) -> Iterator[Question]:
        for module in draft.modules.values():
            before = live.module_by_id(module.id)
            if before is None or before is module:
                continue
            for field in module.fields:
                old = before.by_id.get(field.id)
                if field.required and not (old and old.required):
                    label = labels.of_field(module, field)
                    yield Question(self.name, field.id, f"{module.path}#fields.{field.name}.required", module.name, label,
                                   _("%(label)s is required.", label=label), empty(field))


def empty(field: Field) -> Any:
    """(scope) -> SQL, true where nothing is in the field."""
    def empty(scope: Any) -> Any:
        parts = scope.published.type(field).columns(field)
        return sa.and_(*(scope.column((field.name, part) if part else (field.name,)).is_(None) for part in parts))
    return empty
