"""A bundle: definitions as a folder of JSON files (a seed, an export, a repository).

    sales/seed.json   sales/modules/deals.json   sales/views/deals.open.json   sales/records/deals.csv
"""
from collections.abc import Iterator
from pathlib import Path

from metadata import documents, shape
from metadata.definitions import Definitions, read_document
from metadata.errors import NotSound, Problem
from metadata.model.document import Document
from metadata.model.nouns import nouns
from metadata.model.seed import Seed
from metadata.words import say

MANIFEST = "seed.json"
OTHERS = frozenset({"records", "tests", "static"})
"""Folders a bundle may have that hold no definitions."""
MOST_FILES = 20_000
MOST_BYTES = 64 * 1024 * 1024


def read(folder: Path | str) -> Definitions:
    """The definitions of a bundle by themselves (extensions included). Raises NotSound with every problem of every file."""
    found: list[Document] = []
    problems: list[Problem] = []
    for path, file in _files(Path(folder)):
        try:
            found.append(read_document(path, documents.parse(_bytes(file))))
        except documents.BadText as error:
            problems.append(Problem(f"{path}.json", str(error)))
        except NotSound as error:
            problems += error.problems
    if problems:
        raise NotSound(problems)
    return Definitions.of_documents(found)


def manifest(folder: Path | str) -> Seed | None:
    """What the bundle calls itself; None for a folder without seed.json. Raises NotSound."""
    file = Path(folder) / MANIFEST
    if not file.is_file() or file.is_symlink():
        return None
    try:
        content = documents.parse(_bytes(file))
    except documents.BadText as error:
        raise NotSound([Problem(MANIFEST, str(error))]) from None
    content.pop("$schema", None)
    if problems := shape.problems("seed", Seed, content):
        raise NotSound(problems)
    return Seed.from_json(content)


def write(definitions: Definitions, folder: Path | str, manifest: Seed | None = None) -> list[str]:
    """Make the folder hold exactly these definitions, in canonical form; other files in it stay. Returns what changed."""
    folder = Path(folder)
    wanted = {f"{path}.json": documents.canonical(document.to_json()) for path, document in definitions.documents.items()}
    if manifest is not None:
        wanted[MANIFEST] = documents.canonical(manifest.to_json())
    changed = []
    for path, _ in list(_files(folder)) if folder.is_dir() else ():
        if f"{path}.json" not in wanted:
            (folder / f"{path}.json").unlink()
            changed.append(f"{path}.json")
    for path, content in wanted.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            changed.append(path)
    return sorted(changed)


def tidy(folder: Path | str) -> list[str]:
    """Rewrite a bundle's files in canonical form. Returns the files that changed."""
    return write(read(folder), folder, manifest(folder))


canonical = documents.canonical


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """(path, file) of every document, in order. Raises NotSound for what does not belong here."""
    if not folder.is_dir():
        raise NotSound([Problem(folder.name, say("There is no folder of this name."))])
    count = size = 0
    for place in sorted(folder.iterdir()):
        if not place.is_dir() or place.name in OTHERS or place.name.startswith("."):
            continue
        files = [file for file in sorted(place.iterdir()) if file.suffix == ".json"]
        if files and place.name not in nouns():
            raise NotSound([Problem(place.name, say("There is no noun '%(folder)s'. Known folders: %(known)s.",
                                                    folder=place.name[:60], known=', '.join(nouns())))])
        for file in files:
            if file.is_symlink() or not file.is_file():
                raise NotSound([Problem(f"{place.name}/{file.name}", say("It is not a plain file. Put the file itself here."))])
            count, size = count + 1, size + file.stat().st_size
            if count > MOST_FILES or size > MOST_BYTES:
                raise NotSound([Problem(place.name, say("A bundle has at most %(files)s files and %(bytes)s bytes.",
                                                        files=f"{MOST_FILES:,}", bytes=f"{MOST_BYTES:,}"))])
            yield f"{place.name}/{file.stem}", file


def _bytes(file: Path) -> bytes:
    """At most one byte more than a document may have, so that a huge file costs nothing."""
    with file.open("rb") as stream:
        return stream.read(documents.SIZE + 1)
