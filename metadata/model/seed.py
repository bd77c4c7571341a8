"""A seed manifest: what a bundle is called, what it extends, which languages it speaks."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Seed(Document):
    """requires: ({"name": a package, "range": "^1.2"}, …); extends: the same without a range."""
    folder: ClassVar[str] = ""
    id: str
    name: str
    label: str
    description: str = ""
    extends: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    version: str = "1.0.0"
    requires: tuple[Mapping[str, str], ...] = ()

    @property
    def needs(self) -> dict[str, str]:
        """{name: range of versions} of the bundles that must be installed before."""
        return dict.fromkeys(self.extends, "*") | {each["name"]: each["range"] for each in self.requires}
