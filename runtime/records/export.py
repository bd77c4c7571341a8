"""Export: the rows of a query written by an export format; the actor's own rows and fields, nothing else."""
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from runtime.kinds.export_format import ExportFormat
from runtime.records import query, shown
from runtime.values import Actor


@dataclass(frozen=True)
class Column:
    label: str
    numeric: bool


def write(actor: Actor, kind: ExportFormat, target: BinaryIO, asked: query.Query, fields: Sequence[shown.ShownField],
          reader: Any, *, told: Callable[[int], None] | None = None) -> int:
    """Stream every match; figures stay figures, everything else is the text people see. Returns the row count.

    told: hears the number of each row that is written.
    """
    columns = [Column(field.label, field.numeric) for field in fields]

    def rows() -> Iterator[list[Any]]:
        for number, record in enumerate(query.stream(actor, asked), 1):
            if told is not None:
                told(number)
            yield [_cell(field, record.values, reader) for field in fields]

    return kind.write(target, columns, rows())


def _cell(field: shown.ShownField, values: Any, reader: Any) -> Any:
    if field.numeric:
        return values.get(field.name)
    return shown.plain(field, values, reader)
