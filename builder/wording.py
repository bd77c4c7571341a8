"""Wording: what a definition's text is called in another language; kept in the translation of that language."""
from dataclasses import replace

from metadata.definitions import Definitions
from metadata.model.translation import Translation


def in_language(definitions: Definitions, language: str, path: str) -> str:
    """The text at "validation_rules.deals.x.message" in a language, "" where nobody has translated it."""
    translation = definitions.translations.get(language)
    return translation.labels.get(path, "") if translation else ""


def worded(definitions: Definitions, language: str, path: str, text: str) -> Definitions:
    """With that text in that language; without it where the text is empty."""
    held = definitions.translations.get(language)
    labels = {**(held.labels if held else {}), path: text}
    if not text:
        labels.pop(path)
    if held is None:
        return definitions.with_document(Translation(id=f"tr_{language}", name=language, labels=labels)) if text else definitions
    return definitions if labels == held.labels else definitions.with_document(replace(held, labels=dict(sorted(labels.items()))))


def forgotten(definitions: Definitions, before: str) -> Definitions:
    """Without any text of what lived at this place ("validation_rules.deals.x.")."""
    for held in definitions.translations.values():
        labels = {path: text for path, text in held.labels.items() if not path.startswith(before)}
        if labels != held.labels:
            definitions = definitions.with_document(replace(held, labels=labels))
    return definitions


def copied(definitions: Definitions, before: str, after: str, but: str = "") -> Definitions:
    """With every text of what lives at the one place ("layouts.deals.standard.") also at the other, except one of its own."""
    for held in definitions.translations.values():
        more = {after + path.removeprefix(before): text for path, text in held.labels.items()
                if path.startswith(before) and path != before + but}
        if more:
            definitions = definitions.with_document(replace(held, labels=dict(sorted({**held.labels, **more}.items()))))
    return definitions
