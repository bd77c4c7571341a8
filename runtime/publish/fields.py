"""Fields, tried for real: a default must be a value its field takes, and what is held unique must fit into an index."""
from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow as ma

from metadata.definitions import Definitions
from metadata.errors import Problem
from metadata.model.field import Field
from runtime.db import clock
from runtime.locale.text import _
from runtime.tables import indexes
from runtime.values import HOUSE


def problems(definitions: Definitions, catalogue: Any) -> Iterator[Problem]:
    """For definitions that metadata.check found sound."""
    for module in definitions.modules.values():
        for field in module.fields:
            kind = catalogue.get("field_types", field.type)
            where = f"{module.path}#fields.{field.name}"
            if field.unique and not indexes.orders(kind, field):
                yield Problem(f"{where}.unique", _("'%(field)s' cannot be held unique: its values are too long for that, or "
                                                   "several in one.", field=field.label))
            if field.default is not None and kind.writable:
                for sentence in _refused(kind, field):
                    yield Problem(f"{where}.default", _("'%(field)s' does not take its own default. %(why)s", field=field.label,
                                                        why=sentence))


def _refused(kind: Any, field: Field) -> Iterator[str]:
    """What the type says to the default, as a new record would bring it."""
    initial = kind.initial(field, HOUSE.moment(clock.now()), HOUSE)
    given = initial if isinstance(initial, Mapping) else {"": initial}
    known = kind.values(field)
    for part, raw in given.items():
        value = known.get("" if part == "value" else part)
        if raw is None or raw == "":
            continue
        if value is None:
            yield _("It has no part '%(part)s'.", part=str(part)[:40])
            continue
        try:
            value.deserialize(raw)
        except ma.ValidationError as problem:
            yield " ".join(_sentences(problem.messages))


def _sentences(messages: Any) -> Iterator[str]:
    inner = messages.values() if isinstance(messages, Mapping) else messages if isinstance(messages, (list, tuple)) else None
    if inner is None:
        yield str(messages)
    else:
        for each in inner:
            yield from _sentences(each)
