"""Mapping: which column of a file becomes which field, as an import map says it, a person chose it, or we guess it."""
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from metadata.model.field import Field
from metadata.model.import_map import ImportMap
from metadata.model.module import Module
from runtime.errors import Invalid
from runtime.exchange.reading import Sheet
from runtime.fields.dirt import folded
from runtime.locale import dirty
from runtime.locale.text import _
from runtime.records.form import Form, form_of
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.published import Published
from runtime.values import Actor

CREATED = "created_at"
LIKE = 0.86
KEY = "(made key)"
"""The heading of the column that a map's settings.key makes."""


@dataclass(frozen=True)
class Target:
    """Where one column's cells go. match: the field of a linked record that holds the cell's text."""
    path: str
    match: str = ""
    values: Mapping[str, str] | None = None
    default: str = ""
    if_missing: str = "warn"
    hints: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Mapping_:
    """columns: {heading: targets}; match: path of the key of existing records, "" = every row is new.

    on_match: "update", "skip" or "create". key: {"path", "columns"} of a key made from cells.
    on_duplicate: the same, of rows that are like a record by a duplicate rule.
    """
    columns: Mapping[str, tuple[Target, ...]]
    match: str = ""
    on_match: str = "update"
    key: Mapping[str, Any] | None = None
    on_duplicate: str = "create"

    def to_json(self) -> dict[str, Any]:
        return {"columns": {heading: [target.to_json() for target in targets] for heading, targets in self.columns.items()},
                "match": self.match, "on_match": self.on_match, "key": dict(self.key) if self.key else None,
                "on_duplicate": self.on_duplicate}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Mapping_":
        return cls({heading: tuple(Target(**target) for target in targets) for heading, targets in document["columns"].items()},
                   document["match"], document["on_match"], document.get("key"), document.get("on_duplicate", "create"))

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(target.path for targets in self.columns.values() for target in targets))


def of_map(known: ImportMap) -> Mapping_:
    """A published import map. Headings the map does not name are left out."""
    columns = {heading: tuple(target for entry in (entries if isinstance(entries, (list, tuple)) else (entries,))
                              if (target := _target(entry)) is not None)
               for heading, entries in known.columns.items()}
    key = known.settings.get("key")
    if key:
        columns[KEY] = (Target(key["path"]),)
    return Mapping_({heading: targets for heading, targets in columns.items() if targets}, known.match,
                    known.on_match or "update", key)


def _target(entry: Any) -> Target | None:
    if isinstance(entry, str):
        return Target(entry)
    if entry.get("ignore") or "path" not in entry:
        return None
    return Target(entry["path"], entry.get("match", ""), entry.get("values"), entry.get("default", ""),
                  entry.get("if_missing", "warn"), entry.get("hints"))


def guess(now: Published, actor: Actor, module: Module, sheet: Sheet) -> dict[str, tuple[str, float]]:
    """{heading: (path, confidence 0–1)} for the columns that look like a field this actor may set."""
    names = _names(now, actor, module)
    scored: list[tuple[float, str, str]] = []
    for heading in sheet.headings:
        wanted = _folded(heading, module)
        for name, path in names:
            score = 1.0 if name == wanted else SequenceMatcher(None, name, wanted).ratio() if len(wanted) > 3 else 0.0
            if score >= LIKE:
                scored.append((score, heading, path))
    found: dict[str, tuple[str, float]] = {}
    for score, heading, path in sorted(scored, key=lambda one: -one[0]):
        if heading not in found and path not in [taken for taken, _score in found.values()]:
            found[heading] = (path, score * _fits(now, module, sheet, heading, path))
    return {heading: pair for heading, pair in found.items() if pair[1] >= 0.3}


def called(now: Published, actor: Actor, module: Module, sheet: Sheet) -> int:
    """How many headings are exactly what this actor's fields of the module are called."""
    names = {name for name, _path in _names(now, actor, module)}
    return sum(_folded(heading, module) in names for heading in sheet.headings)


def guessed(now: Published, actor: Actor, module: Module, sheet: Sheet) -> Mapping_:
    """A whole mapping by guesses; existing records are matched by the first key field the file has, where it tells rows apart."""
    found = guess(now, actor, module, sheet)
    columns = {heading: (Target(path, _link_key(now, actor, module, heading, path)),) for heading, (path, _score) in found.items()}
    by_path = {path: heading for heading, (path, _score) in found.items()}
    for name in module.match_fields or (module.name_field,):
        if name in by_path:
            at = sheet.headings.index(by_path[name])
            cells = [row[at] for row in sheet.samples if row[at]]
            if cells and len(set(cells)) == len(cells):
                return Mapping_(columns, name)
    return Mapping_(columns)


def check(now: Published, actor: Actor, module: Module, mapping: Mapping_, headings: Sequence[str], *,
          published_map: bool = False, unmatched: bool = False) -> Mapping_:
    """The mapping for exactly these headings. Raises Invalid naming what cannot be set; hidden and unknown answer alike.

    When a record was made may be said by a published import map and by administrators. unmatched: columns are still being
    chosen, so that there may be none.
    """
    form = form_of(now, module)
    policy.require(actor, "import", module)
    columns = {heading: targets for heading, targets in mapping.columns.items() if heading in headings or heading == KEY}
    paths = {target.path for targets in columns.values() for target in targets}
    errors = {path: [_("There is no field '{path}' here that you can use.").format(path=path)]
              for path in paths if not (path == CREATED and (published_map or actor.everything))
              and not _settable(actor, module, form, path)}
    if mapping.match and not (mapping.match in policy.readable(actor, module) and mapping.match in paths):
        errors["match"] = [_("The field that existing records are found by must be one of the mapped fields.")]
    if not paths and not unmatched:
        errors["columns"] = [_("No column of the file goes into a field. Choose at least one.")]
    if errors:
        raise Invalid(errors)
    return replace(mapping, columns=columns)


def _settable(actor: Actor, module: Module, form: Form, path: str) -> bool:
    return path in form.entries and path.partition(".")[0] in policy.editable(actor, module)


def choices(now: Published, actor: Actor, module: Module) -> list[tuple[str, str]]:
    """(path, label) of everything a column can go into, in the module's order."""
    form = form_of(now, module)
    made = []
    for path, (field, part, _value) in form.entries.items():
        if _settable(actor, module, form, path):
            label = labels.of_field(module, field)
            made.append((path, f"{label}: {labels.of_part(part)}" if part else label))
    return made


def _part(part: str) -> str:
    return part.replace("_", " ").capitalize()


def _names(now: Published, actor: Actor, module: Module) -> list[tuple[str, str]]:
    """(folded name, path) of every way a heading may call a field."""
    form = form_of(now, module)
    found: list[tuple[str, str]] = []
    for path, (field, part, _value) in form.entries.items():
        if not _settable(actor, module, form, path):
            continue
        names = [field.label, field.name, *field.aliases]
        names += [now.label(f"modules.{module.name}.fields.{field.name}.label", language, "")
                   for language in now.definitions.translations]
        words = [f"{label} {_part(part)}" for label in names] if part else names
        if not part and now.type(field).target(field):
            words += [f"{label} name" for label in names] + [f"{label} id" for label in names]
        found += [(_folded(word, module), path) for word in words if word]
    return list(dict.fromkeys(found))


def _link_key(now: Published, actor: Actor, module: Module, heading: str, path: str) -> str:
    """The field a link is found by where its heading says "id": the other module's one key of other systems; "" = its name."""
    target = now.type(module.by_name[path]).target(module.by_name[path]) if path in module.by_name else None
    if not target or target not in now.definitions.modules or not heading.strip().lower().endswith("id"):
        return ""
    other = now.module(target)
    keys = [field.name for field in other.fields if field.unique and field.name != other.name_field
            and field.name.endswith("id") and field.name in policy.readable(actor, other)]
    return keys[0] if len(keys) == 1 else ""


_WORD = re.compile(r"[^\W_]+")


def _folded(text: str, module: Module) -> str:
    """Small letters and figures only, accents folded, the module's own name left out ("Deal Name" = "Name")."""
    words = [folded(word) for word in _WORD.findall(text)]
    own = {folded(word) for word in _WORD.findall(module.label)}
    return "".join(word for word in words if word not in own) or "".join(words)


def _fits(now: Published, module: Module, sheet: Sheet, heading: str, path: str) -> float:
    """The part of the sample cells that this field can read; 1 where nothing is known."""
    entry = form_of(now, module).entries[path]
    field, part, value = entry
    kind = now.type(field)
    at = sheet.headings.index(heading)
    cells = [row[at] for row in sheet.samples[:200] if row[at].strip()]
    if not cells or kind.target(field):
        return 1.0
    hints = dirty.guess_hints(cells)
    return sum(1 for cell in cells if _reads(kind, field, part, value, cell, hints)) / len(cells)


def _reads(kind: Any, field: Field, part: str, value: Any, cell: str, hints: Mapping[str, Any]) -> bool:
    try:
        value.deserialize(cell if part else kind.parse_dirty(field, cell, hints))
    except Exception:       # any reason not to read it counts the same here
        return False
    return True


def hints_of(sheet: Sheet, headings: Iterable[str]) -> dict[str, dict[str, Any]]:
    """{heading: what the whole column shows of its numbers and dates}."""
    return {heading: dirty.guess_hints(row[at] for row in sheet.samples if row[at])
            for at, heading in enumerate(sheet.headings) if heading in set(headings)}
