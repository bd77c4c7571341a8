"""Messages: gathers every word the product says and brings the catalogues up to date: `make words`.

Words come from code (_, ngettext, counted, lazy, refuse, NotTaken; say and later of
metadata), from templates, and from the kinds: their labels and the titles and descriptions of their settings; the
builder's also from the nouns' JSON Schemas. `--check` changes nothing and
fails where a language lacks a word.
"""
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "counted": (1, 2), "lazy": None, "Lazy": None, "refuse": None,
            "NotTaken": None}
OF_METADATA = KEYWORDS | {"say": None, "later": None}
PLACES = {"runtime": ROOT / "runtime", "builder": ROOT / "builder"}
LANGUAGES = ("vi",)
NOT_DRAWN = ("seed", "criteria", "extension", "layout_extension")
"""Schemas that no form of the builder is drawn from."""


def words(package: Path) -> Iterator[tuple[Any, str, int]]:
    """(message or (one, many), file, line) of a package's code and templates."""
    keywords = OF_METADATA if package.name == "metadata" else KEYWORDS
    for file in sorted([*package.rglob("*.py"), *package.rglob("*.html"), *package.rglob("*.txt")]):
        if {"node_modules", "vendor", "__pycache__"} & set(file.parts) or (file.suffix == ".txt" and "templates" not in file.parts):
            continue
        method = "python" if file.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {} if file.suffix == ".py" else {"silent": "false", "trimmed": "true", "encoding": "utf-8"}
        for line, message, _comments, _context in extract_from_file(method, str(file), keywords=keywords, options=options):
            yield message, str(file.relative_to(ROOT)), line


def words_of_kinds(package: str) -> Iterator[tuple[str, str, int]]:
    """Labels of kinds, and what their settings are called."""
    sys.path.insert(0, str(ROOT))
    from runtime.kinds.kind import discover  # the path has to be set first
    catalogue = discover(package)
    for family, name, place in catalogue.listing():
        kind = catalogue.get(family, name)
        where = str(Path(place).relative_to(ROOT))
        if getattr(kind, "label", ""):
            yield kind.label, where, 1
        for text in (*_texts(kind.settings_schema), *_choices(kind.settings_schema)):
            yield text, where, 1
    for family in catalogue.families() if package == "runtime" else ():
        yield family[:-1].replace("_", " "), "kinds", 1


def words_of_nouns() -> Iterator[tuple[str, str, int]]:
    """What the nouns and their properties are called in the builder's forms, from their JSON Schemas."""
    sys.path.insert(0, str(ROOT))
    from metadata import shape  # the path has to be set first
    from metadata.model.document import noun_name
    from metadata.model.nouns import nouns
    for folder, noun in nouns().items():
        name = noun_name(noun).replace("_", " ")
        for text in (name, name.capitalize(), folder.replace("_", " ").capitalize()):
            yield text, "metadata/schemas", 1
    for name, schema in shape.schemas().items():
        if name not in NOT_DRAWN:
            for text in (*_texts(schema), *_choices(schema)):
                yield text, f"metadata/schemas/{name}.json", 1


def _choices(schema: Any) -> Iterator[str]:
    """The values of enumerations, as forms write them."""
    if isinstance(schema, dict):
        yield from (str(each).replace("_", " ").capitalize() for each in schema.get("enum", ()) if isinstance(each, str))
        for value in schema.values():
            yield from _choices(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _choices(item)


def _texts(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in ("title", "description", "named") and isinstance(value, str) and value:
                yield value
            else:
                yield from _texts(value)
    elif isinstance(schema, (list, tuple)):
        for item in schema:
            yield from _texts(item)


def gathered(package: str) -> Catalog:
    made = Catalog(project="Banyan", charset="utf-8", fuzzy=False)
    own = words(ROOT / "metadata") if package == "runtime" else words_of_nouns()
    for found in (words(PLACES[package]), words_of_kinds(package), own):
        for message, file, line in found:
            if message:
                made.add(message, locations=[(file, line)])
    return made


def write(catalogue: Catalog, path: Path) -> None:
    """Sorted, without places and dates: a change of words is all that a change of the file shows."""
    catalogue.header_comment = f"# The words of Banyan in {catalogue.locale.english_name}. Bring up to date: make words."
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalogue.version, catalogue.last_translator, catalogue.language_team = "1", "Banyan", "Banyan"
    catalogue.msgid_bugs_address = "Banyan"
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_previous=False, no_location=True)


def main() -> int:
    lacking = 0
    for package, place in PLACES.items():
        template = gathered(package)
        for language in LANGUAGES:
            path = place / "translations" / language / "LC_MESSAGES" / "messages.po"
            if path.exists():
                with path.open("rb") as file:
                    catalogue = read_po(file, locale=language)
            else:
                catalogue = Catalog(locale=language, project="Banyan", charset="utf-8", fuzzy=False)
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            empty = [message.id for message in catalogue if message.id and not any(
                message.string if isinstance(message.string, (tuple, list)) else [message.string])]
            lacking += len(empty)
            print(f"{package}/{language}: {len(catalogue)} messages, {len(empty)} without a translation")
            if "--check" in sys.argv:
                for message in empty:
                    print(f"  lacks {message!r}")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            write(catalogue, path)
    return 1 if lacking and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
