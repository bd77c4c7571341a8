"""A translation: the labels of definitions in one language."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Translation(Document):
    """name: language code ("vi"); labels: {"modules.deals.label": "Giao dịch", "modules.deals.fields.amount.label": …,
    "modules.deals.fields.stage.choices.won": …, "views.deals.open.label": …, "layouts.deals.standard.sections.money": …,
    "groups.Sales": …, "validation_rules.deals.x.message": …}."""
    folder: ClassVar[str] = "translations"
    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
