"""A panel: a part of a record's page that loads by its own request (timeline, related list, attachments)."""
from typing import Any, ClassVar

from runtime.kinds.kind import Kind


class Panel(Kind):
    family = "panels"
    template: ClassVar[str]

    def context(self, actor: Any, module: Any, record_id: int, settings: dict, arguments: dict) -> dict:
        """What the template needs; raises NotFound for a record this actor may not see."""
        raise NotImplementedError
