"""An import map: which columns of somebody's file become which fields."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class ImportMap(Document):
    """profile: a family of maps that belong together ("zoho"); files: patterns of file names ("Potentials*.csv").

    columns: {column heading: field path, or {"path", "match": path of the target, "hints": {…}, "ignore": true, …}}
    match: the field existing records are found by; on_match: "update", "skip" or "create".
    users: True for the file that lists people; refuse: a sentence that says why files of this name are not taken.
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
