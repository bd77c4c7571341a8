"""Is a theme sound: one worn at most, a logo that is a small picture, and colours that are read well."""
from collections.abc import Iterable, Iterator

from metadata import logo, palette, shape
from metadata.errors import Problem
from metadata.model.theme import Theme
from metadata.words import later, say, sentences


def problems(theme: Theme, all_themes: Iterable[Theme]) -> Iterator[Problem]:
    others = [each.label for each in all_themes if each.active and each.name < theme.name]
    if theme.active and others:
        yield Problem(f"{theme.path}#active", say("'%(theme)s' is worn by this house already. At most one theme is worn.",
                                                  theme=others[0]))
    for name in ("logo", "logo_dark"):
        if (picture := getattr(theme, name)) and (message := logo.problem(picture)):
            yield Problem(f"{theme.path}#{name}", message)
    for pair in palette.pairs(theme):
        if not pair.passes:
            better = palette.nearest(palette.colors(theme, pair.mode), pair.token)
            yield Problem(f"{theme.path}#{pair.mode}.{pair.token}", sentences(
                say("'%(front)s' on '%(behind)s' has a contrast of %(ratio)s to 1; %(least)s to 1 is needed to be read well.",
                    front=_title(pair.token), behind=_title(pair.behind), ratio=f"{pair.ratio:.1f}", least=f"{pair.least:g}"),
                say("The nearest that is: %(color)s.", color=better) if better else ""))


def _title(token: str) -> str:
    title = shape.schema(Theme)["properties"]["light"]["properties"][token]["title"] if token else later("White")
    return say(title)


def worn(all_themes: Iterable[Theme]) -> Theme | None:
    """The theme this house wears; None where it wears the built-in one."""
    return min((each for each in all_themes if each.active), key=lambda each: each.name, default=None)
