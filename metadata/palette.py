"""What a theme's colours are, which of them are read on which, and whether they can be; whole families from one colour.

The usual colours are the defaults of the theme's JSON Schema (a test holds them and themes/default together).
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from metadata import contrast, shape
from metadata.contrast import SHAPE, TEXT
from metadata.model.theme import Theme

MODES = ("light", "dark")
WHITE = "#ffffff"

_SURFACES = ("bg-app", "bg-surface", "bg-raised", "bg-sunken", "bg-side", "bg-hover")
PAIRS: tuple[tuple[str, str, float], ...] = (
    ("brand-on", "brand", TEXT), ("brand-on", "brand-hover", TEXT), ("brand-hover", "brand-wash", TEXT),
    *(("brand", behind, TEXT) for behind in ("bg-app", "bg-surface", "bg-raised", "bg-sunken", "bg-side")),
    *(("brand-hover", behind, TEXT) for behind in ("bg-app", "bg-surface")),
    *((ink, behind, TEXT) for ink in ("ink", "ink-2", "ink-3") for behind in _SURFACES),
    ("ink", "brand-wash", TEXT), ("ink-2", "brand-wash", TEXT), ("ink", "bg-step", TEXT), ("ink-2", "bg-step", TEXT),
    *((tone, behind, TEXT) for tone in ("ok", "warn", "bad", "info") for behind in (f"{tone}-wash", "bg-surface", "bg-app")),
    *(("ink", f"{tone}-wash", TEXT) for tone in ("ok", "warn", "bad", "info")),
    ("on-flip", "bg-flip", TEXT), ("act-flip", "bg-flip", TEXT), ("on-night", "night", TEXT), ("on-night-2", "night", TEXT),
    ("bad-fill", "", TEXT), ("line-control", "bg-surface", SHAPE), ("late", "bg-surface", SHAPE),
)
"""(what is read, what lies behind it ("" is white), the ratio it needs)."""


@dataclass(frozen=True)
class Pair:
    """How well one colour is read on another, in one mode."""
    mode: str
    token: str
    behind: str
    ratio: float
    least: float

    @property
    def passes(self) -> bool:
        return self.ratio >= self.least


@cache
def usual(mode: str) -> dict[str, str]:
    """{token: colour} of a theme that changes nothing."""
    return {token: each["default"] for token, each in shape.schema(Theme)["properties"][mode]["properties"].items()}


def colors(theme: Theme, mode: str) -> dict[str, str]:
    """{token: colour}, all of them."""
    return usual(mode) | dict(getattr(theme, mode))


def pairs(theme: Theme) -> Iterator[Pair]:
    for mode in MODES:
        worn = {"": WHITE, **colors(theme, mode)}
        yield from (Pair(mode, token, behind, contrast.ratio(worn[token], worn[behind]), least) for token, behind, least in PAIRS)


def nearest(colors: Mapping[str, str], token: str) -> str | None:
    """The colour nearest to a token's own that is read well wherever it is used; None where none is."""
    known = {"": WHITE, **colors}
    asked = [(known[behind], least) for one, behind, least in PAIRS if one == token]
    asked += [(known[one], least) for one, behind, least in PAIRS if behind == token]
    return contrast.nearest(known[token], asked)


_FAMILY: dict[str, dict[str, tuple[float, float, float]]] = {
    "light": {"brand-wash": (.955, .2, .03), "brand-line": (.83, .55, .08), "night": (.3, .55, .08), "on-night-2": (.85, .3, .03)},
    "dark": {"brand": (.76, 1, .13), "brand-on": (.23, 1, .05), "brand-wash": (.295, .45, .06), "brand-line": (.44, .7, .09),
             "night": (.22, .35, .05), "on-night-2": (.85, .3, .03)},
}
"""{mode: {token: (lightness, share of the brand's chroma, chroma at most)}}."""
_HOVER = {"light": -.065, "dark": .055}
"""How much lighter the brand is under the pointer."""


def family(brand: str) -> dict[str, dict[str, str]]:
    """{mode: {token: colour}} that go with one brand colour, all of them read well."""
    _lightness, chroma, hue = contrast.lch(brand)
    made: dict[str, dict[str, str]] = {}
    for mode in MODES:
        family = {"brand": contrast.as_hex(brand), "brand-on": WHITE}
        family |= {token: contrast.of_lch(lightness, min(chroma * share, most), hue)
                   for token, (lightness, share, most) in _FAMILY[mode].items()}
        family["brand"] = _readable(usual(mode) | family, "brand")
        lightness, own, hue_now = contrast.lch(family["brand"])
        family["brand-hover"] = contrast.of_lch(lightness + _HOVER[mode], own, hue_now)
        family["brand-hover"] = _readable(usual(mode) | family, "brand-hover")
        made[mode] = family
    return made


def _readable(worn: Mapping[str, str], token: str) -> str:
    """The token's colour, made readable where it is asked. The brand is there before what is written under the pointer."""
    return nearest(worn, token) or worn[token]
