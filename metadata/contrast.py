"""Colours as a theme writes them (#rrggbb, or oklch), how well one is read on another, and the nearest that is read well.

Contrast as WCAG 2.2 defines it; lightness is moved in OKLCH, which keeps the hue people chose.
"""
import math
import re
from collections.abc import Iterable

TEXT = 4.5
"""What text needs on what lies behind it (WCAG 1.4.3)."""
SHAPE = 3.0
"""What large text and the borders of controls need (WCAG 1.4.11)."""
STEPS = 400

Linear = tuple[float, float, float]
_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
_OKLCH = re.compile(r"oklch\(([0-9.]+)(%?) ([0-9.]+) ([0-9.]+)\)")


def ratio(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white). Raises ValueError for what is no colour."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def as_hex(color: str) -> str:
    """The colour as #rrggbb, which is what the browser's colour input takes."""
    return "#" + "".join(f"{round(_gamma(part) * 255):02x}" for part in _linear(color))


def lch(color: str) -> tuple[float, float, float]:
    """(lightness 0 to 1, chroma 0 to about 0.4, hue in degrees)."""
    red, green, blue = _linear(color)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def of_lch(lightness: float, chroma: float, hue: float) -> str:
    """As #rrggbb; a colour no screen can show loses chroma until one can."""
    lightness = min(max(lightness, 0.0), 1.0)
    while True:
        parts = _of_lch(lightness, chroma, hue)
        if chroma <= 0.001 or all(-0.001 <= part <= 1.001 for part in parts):
            return "#" + "".join(f"{round(_gamma(min(max(part, 0.0), 1.0)) * 255):02x}" for part in parts)
        chroma = chroma * 0.96 if chroma > 0.004 else 0.0


def nearest(color: str, behind: Iterable[tuple[str, float]]) -> str | None:
    """The colour of this hue, nearest in lightness, that reaches on each of `behind` what is asked; None where none does.

    behind: (other colour, ratio asked).
    """
    asked = [(luminance(other), least) for other, least in behind]
    lightness, chroma, hue = lch(color)
    if _reaches(luminance(color), asked):
        return as_hex(color)
    for step in range(1, STEPS + 1):
        for wanted in (lightness - step / STEPS, lightness + step / STEPS):
            if -1 / STEPS < wanted < 1 + 1 / STEPS:
                tried = of_lch(wanted, chroma, hue)
                if _reaches(luminance(tried), asked):
                    return tried
    return None


def _reaches(own: float, asked: Iterable[tuple[float, float]]) -> bool:
    return all((max(own, other) + 0.05) / (min(own, other) + 0.05) >= least for other, least in asked)


def _linear(color: str) -> Linear:
    if found := _HEX.fullmatch(color):
        red, green, blue = (_ungamma(int(part, 16) / 255) for part in found.groups())
        return red, green, blue
    if found := _OKLCH.fullmatch(color):
        lightness = float(found[1]) / (100 if found[2] else 1)
        red, green, blue = (min(max(part, 0.0), 1.0) for part in _of_lch(min(lightness, 1.0), float(found[3]), float(found[4])))
        return red, green, blue
    raise ValueError(f"'{color}' is no colour.")


def _of_lch(lightness: float, chroma: float, hue: float) -> Linear:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _ungamma(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
