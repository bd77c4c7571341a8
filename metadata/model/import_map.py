"""An import map: which columns of somebody's file become which fields."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class ImportMap(Document):
    """profile: a family of maps that belong together ("zoho"); files: patterns of file names ("Potentials*.csv").

    columns: {column heading: target}, or a list of targets where one column feeds several fields. A target is a field path,
    or {"path": …, "match": path of the linked record it is found by, "values": {text in the file: value to store},
    "default": text where the cell is empty, "hints": {"day_first": bool, "decimal": ".", "zone": …, "region": "US"},
    "if_missing": "warn" (take the row, leave the link empty; the default) | "refuse" | "create"}, or {"ignore": true}.
    match: the field existing records are found by; on_match: "update", "skip" or "create".
    users: True for the file that lists people; refuse: a sentence that says why files of this name are not taken.
    settings.key: {"path": "external_id", "columns": [headings]}: files without an id column get one made of these cells
    (a digest, and the how-manieth row with the same cells), so that taking the file twice changes nothing.
    order: files of a profile are taken from low to high, so that links find their targets.
    """
    folder: ClassVar[str] = "import_maps"
    id: str
    name: str
    label: str
    profile: str = ""
    module: str = ""
    files: tuple[str, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)
    match: str = ""
    on_match: str = "update"
    order: int = 100
    users: bool = False
    refuse: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
