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


def family(brand: str) -> dict[str, dict[str, str]]:
    """{mode: {token: colour}} that go with one brand colour, all of them read well."""
    _lightness, chroma, hue = contrast.lch(brand)
    made = {"light": {"brand": contrast.as_hex(brand), "brand-on": WHITE, "brand-wash": contrast.of_lch(.955, min(chroma * .2, .03), hue),
                      "brand-line": contrast.of_lch(.83, min(chroma * .55, .08), hue),
                      "night": contrast.of_lch(.3, min(chroma * .55, .08), hue),
                      "on-night-2": contrast.of_lch(.85, min(chroma * .3, .03), hue)},
            "dark": {"brand": contrast.of_lch(.76, min(chroma, .13), hue), "brand-on": contrast.of_lch(.23, min(chroma, .05), hue),
                     "brand-wash": contrast.of_lch(.295, min(chroma * .45, .06), hue),
                     "brand-line": contrast.of_lch(.44, min(chroma * .7, .09), hue),
                     "night": contrast.of_lch(.22, min(chroma * .35, .05), hue),
                     "on-night-2": contrast.of_lch(.85, min(chroma * .3, .03), hue)}}
    for mode, step in (("light", -.065), ("dark", .055)):
        worn = usual(mode) | made[mode]
        made[mode]["brand"] = worn["brand"] = _readable(worn, "brand")
        lightness, chroma, hue = contrast.lch(worn["brand"])
        worn["brand-hover"] = contrast.of_lch(lightness + step, chroma, hue)
        made[mode]["brand-hover"] = _readable(worn, "brand-hover")
    return made


def _readable(worn: Mapping[str, str], token: str) -> str:
    asked = [(worn[behind], least) for one, behind, least in PAIRS if one == token and behind in worn]
    asked += [(worn[one], least) for one, behind, least in PAIRS if behind == token and one in worn]
    return contrast.nearest(worn[token], asked) or usual("light")[token]
