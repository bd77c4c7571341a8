"""What the translation table shows: every text with its words in a language, what lacks them, and the table as a file."""
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from builder import choices
from builder.draft import Draft
from metadata import texts
from metadata.definitions import Definitions
from metadata.model.translation import Translation
from metadata.texts import Text
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.records.export_formats.csv import guarded

COLUMNS = ("address", "English", "translation", "place")
"""Of the file; the words of the first line are not read back, only their order."""
MOST_ROWS = 100_000
SEEDS = "seeds."
"""Of what names a bundle, not a definition."""


@dataclass(frozen=True, slots=True)
class Row:
    """said: in the language, "" where it is missing; stale: the English has changed in this draft and these words have not."""
    text: Text
    said: str
    stale: bool = False


@dataclass(frozen=True)
class Count:
    done: int
    total: int

    @property
    def missing(self) -> int:
        return self.total - self.done


@dataclass(frozen=True)
class Read:
    """A file taken back. labels: {address: words}; older: rows about another English text; unknown: about none there is."""
    labels: Mapping[str, str]
    older: int = 0
    unknown: int = 0
    long: int = 0


def every(definitions: Definitions) -> list[Text]:
    return list(texts.texts(definitions, catalogue()))


def rows(draft: Draft, language: str) -> list[Row]:
    """In the order of the definitions."""
    held, before = _labels(draft.definitions, language), _labels(draft.origin, language)
    was = {each.address: each.said for each in every(draft.origin)} if draft.begun else {}
    return [Row(each, held.get(each.address, ""),
                bool(held.get(each.address)) and was.get(each.address, each.said) != each.said
                and before.get(each.address) == held.get(each.address)) for each in every(draft.definitions)]


def counts(listed: Iterable[Row]) -> dict[str, Count]:
    """By module, "" for what belongs to none."""
    found: dict[str, list[int]] = {}
    for row in listed:
        known = found.setdefault(row.text.module, [0, 0])
        known[0] += bool(row.said)
        known[1] += 1
    return {module: Count(*known) for module, known in found.items()}


def together(found: Mapping[str, Count]) -> Count:
    return Count(sum(each.done for each in found.values()), sum(each.total for each in found.values()))


def left_over(definitions: Definitions, language: str) -> list[str]:
    """Addresses of words whose text has gone."""
    known = {each.address for each in every(definitions)}
    return [address for address in _labels(definitions, language) if address not in known and not address.startswith(SEEDS)]


def place(definitions: Definitions, text: Text) -> str:
    """"Deals › Stage": where people meet it."""
    steps, module = text.address.split("."), definitions.modules.get(text.module)
    shown = [choices.of_module(definitions, module)] if module else []
    if module and text.folder == "modules" and len(steps) > 3 and (field := module.by_name.get(steps[3])):
        shown.append(choices.of_field(definitions, module, field))
    elif text.folder != "modules":
        document = definitions.documents.get(f"{text.folder}/{'.'.join(steps[1:3] if module else steps[1:2])}")
        shown += [choices.noun(document), choices.of_document(definitions, document)] if document else []
    elif not module:
        shown.append(_("Menu"))
    return " › ".join(shown)


def with_labels(definitions: Definitions, language: str, given: Mapping[str, str]) -> Definitions:
    """With these words in that language; an empty one takes a text's words away."""
    held = definitions.translations.get(language)
    before = dict(held.labels) if held else {}
    labels = {address: said for address, said in sorted({**before, **given}.items()) if said}
    if held is None:
        return definitions.with_document(Translation(id=f"tr_{language.lower()}", name=language, labels=labels))
    return definitions if labels == before else definitions.with_document(replace(held, labels=labels))


def changed(definitions: Definitions, language: str, given: Mapping[str, str]) -> dict[str, str]:
    """What of it is not so yet; only texts there are, none longer than its place holds."""
    held, known = _labels(definitions, language), {each.address: each for each in every(definitions)}
    return {address: said.strip()[:known[address].most] for address, said in given.items()
            if address in known and said.strip()[:known[address].most] != held.get(address, "")}


def as_csv(definitions: Definitions, listed: Iterable[Row]) -> bytes:
    """For a translator: no cell begins a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in listed:
        writer.writerow([guarded(cell) for cell in (row.text.address, row.text.said, row.said, place(definitions, row.text))])
    return text.getvalue().encode("utf-8-sig")


def from_csv(definitions: Definitions, content: bytes) -> Read:
    """Raises ValueError, a sentence, where it is no such table. An empty cell says nothing and takes nothing away."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(_("The file is not written in UTF-8. Save it as 'CSV UTF-8'.")) from None
    head = text.partition("\n")[0]
    parted = max(",;\t", key=head.count)
    known, found = {each.address: each for each in every(definitions)}, {}
    older = unknown = long = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=parted)):
            if number == 0 and len(cells) < 3:
                raise ValueError(_("The file has no columns address, English and translation. "
                                   "Download the table and fill that in."))
            if number == 0 or len(cells) < 3 or not cells[2].strip():
                continue
            if number > MOST_ROWS:
                raise ValueError(_("The file has too many rows."))
            address, source, said = (_plain(cell) for cell in cells[:3])
            asked = known.get(address.strip())
            if asked is None:
                unknown += 1
            elif source.split() != asked.said.split():
                older += 1
            elif len(said) > asked.most:
                long += 1
            else:
                found[asked.address] = said.strip()
    except csv.Error:
        raise ValueError(_("The file is no table that can be read.")) from None
    return Read(found, older, unknown, long)


def _plain(cell: str) -> str:
    """Without the guard against formulas."""
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) == cell else cell


def _labels(definitions: Definitions, language: str) -> Mapping[str, str]:
    held = definitions.translations.get(language)
    return held.labels if held else {}
