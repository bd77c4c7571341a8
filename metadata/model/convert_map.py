"""A convert map: what a record becomes (a lead: account, contact and deal), and which of its values go where."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class ConvertMap(Document):
    """targets, in order: {"module", "fields", "match"?, "when"?, "optional"?}; fields and mark hold {"field", and one of "from"
    (a path of the source), "expression" over the source, "value", "made" (the module whose record it shall point to)}.

    match: a field of the target that existing records are looked for by. mark: what is set on the source itself.
    carry: {"module", "through": its lookup to the source, "set": [{"field", "made"}]}: what hangs on the source also hangs on
    what was made.
    """
    folder: ClassVar[str] = "convert_maps"
    id: str
    name: str
    module: str
    label: str
    when: Mapping[str, Any] | None = None
    targets: tuple[Mapping[str, Any], ...]
    mark: tuple[Mapping[str, Any], ...] = ()
    carry: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"
