"""An export format: rows of a view as a file people can open."""
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, ClassVar

from runtime.kinds.kind import Kind


class ExportFormat(Kind):
    family = "export_formats"
    extension: ClassVar[str]
    content_type: ClassVar[str]

    def write(self, target: BinaryIO, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
        """columns: runtime.records.export.Column(label, numeric); rows of shown text or numbers. Returns the row count."""
        raise NotImplementedError
