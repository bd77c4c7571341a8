"""A scenario: a test of these definitions in plain words: given these records, when that happens, then this is so."""
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Scenario(Document):
    """given: {"name", "module", "values"?, "as"?: id of the role whose record it is}; when: {"step", "settings"}, in order;
    then: {"expect", "settings"}.

    Values are as the API takes them; also {"record": a name}, {"person": a role's id} and days such as "today+7".
    """
    folder: ClassVar[str] = "scenarios"
    chains: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType(
        {"when": ("scenario_steps", "step"), "then": ("expectations", "expect")})
    id: str
    name: str
    label: str
    description: str = ""
    given: tuple[Mapping[str, Any], ...] = ()
    when: tuple[Mapping[str, Any], ...] = ()
    then: tuple[Mapping[str, Any], ...]
