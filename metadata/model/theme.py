"""A theme: the colours, corners, lettering and logo of a house."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Theme(Document):
    """light, dark: {token: "#rrggbb" or "oklch(…)"}, only those that are not the usual ones (the schema's defaults);
    logo, logo_dark: a small PNG as base64. active: the one theme that everybody sees."""
    folder: ClassVar[str] = "themes"
    id: str
    name: str
    label: str
    active: bool = False
    light: Mapping[str, str] = field(default_factory=dict)
    dark: Mapping[str, str] = field(default_factory=dict)
    radius: str = "soft"
    font: str = "inter"
    logo: str = ""
    logo_dark: str = ""
