"""A check: something `crm doctor` looks at; a room adds one for what it alone can see is wrong."""
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from runtime.kinds.kind import Kind


@dataclass(frozen=True)
class Finding:
    """What a check saw. says: one sentence; figures: numbers for machines."""
    ok: bool
    says: str
    figures: dict[str, Any] = field(default_factory=dict)


class Check(Kind):
    family = "checks"

    def look(self, connection: sa.Connection) -> Finding:
        raise NotImplementedError
