"""A layout rule: what of a form is shown, must be filled in and cannot be changed while a condition holds."""
from dataclasses import dataclass
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class LayoutRule(Document):
    """when: a criteria tree or {"expression": text}; layout: the id of the one layout it is for ("" = every layout of the module).

    show, show_sections: stand there only while a rule that shows them holds. hide, hide_sections: not there while it holds,
    whatever shows them. require, read_only: while it holds, on every channel. What is hidden is not required, and keeps its value.
    """
    folder: ClassVar[str] = "layout_rules"
    id: str
    name: str
    module: str
    label: str
    when: Any
    layout: str = ""
    show: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    show_sections: tuple[str, ...] = ()
    hide_sections: tuple[str, ...] = ()
    active: bool = True

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"
