"""Is a theme sound: one worn at most, a logo that is a small picture, and colours that are read well."""
from collections.abc import Iterable, Iterator

from metadata import logo, palette, shape
from metadata.errors import Problem
from metadata.model.theme import Theme


def problems(theme: Theme, all_themes: Iterable[Theme]) -> Iterator[Problem]:
    others = [each.label for each in all_themes if each.active and each.name < theme.name]
    if theme.active and others:
        yield Problem(f"{theme.path}#active", f"'{others[0]}' is worn by this house already. At most one theme is worn.")
    for name in ("logo", "logo_dark"):
        if (picture := getattr(theme, name)) and (message := logo.problem(picture)):
            yield Problem(f"{theme.path}#{name}", message)
    for pair in palette.pairs(theme):
        if not pair.passes:
            better = palette.nearest(palette.colors(theme, pair.mode), pair.token)
            yield Problem(f"{theme.path}#{pair.mode}.{pair.token}",
                          f"'{_title(pair.token)}' on '{_title(pair.behind)}' has a contrast of {pair.ratio:.1f} to 1; "
                          f"{pair.least:g} to 1 is needed to be read well."
                          + (f" The nearest that is: {better}." if better else ""))


def _title(token: str) -> str:
    return shape.schema(Theme)["properties"]["light"]["properties"][token]["title"] if token else "White"


def worn(all_themes: Iterable[Theme]) -> Theme | None:
    """The theme this house wears; None where it wears the built-in one."""
    return min((each for each in all_themes if each.active), key=lambda each: each.name, default=None)
