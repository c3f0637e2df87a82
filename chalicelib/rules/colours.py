"""Readable colours: the contrast ratio of WCAG 2, and shades of an organisation's accent with enough contrast."""

import re
from colorsys import hls_to_rgb, rgb_to_hls
from functools import lru_cache
from typing import NamedTuple

DEFAULT = "#2f5d50"
WHITE, BLACK = "#ffffff", "#000000"
LIGHT_SURFACE, DARK_SURFACE = "#ffffff", "#171b1a"
KNOWN = 1000
"""So many results of a kind are remembered: each page and e-mail needs those of its organisation's accent."""
TEXT, SHAPE = 4.6, 3.1
"""The contrasts that AA asks of text and of shapes, and a little more for rounding."""


class Shades(NamedTuple):
    """An accent on one surface: `fill` for shapes, `on_fill` for text on them, `ink` for text, `wash` for tinted backgrounds."""

    fill: str
    on_fill: str
    ink: str
    wash: str


@lru_cache(maxsize=KNOWN)
def shades(accent: str, *, dark: bool) -> Shades:
    """Return the accent's shades for the light or the dark scheme; the default accent's when `accent` is no colour."""
    colour = accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else DEFAULT
    surface = DARK_SURFACE if dark else LIGHT_SURFACE
    wash = blend(colour, surface, 0.16 if dark else 0.09)
    fill = with_contrast(colour, surface, SHAPE)
    return Shades(fill, text_colour(fill), with_contrast(with_contrast(colour, surface, TEXT), wash, TEXT), wash)


def text_colour(fill: str) -> str:
    """Return black or white, the one with more contrast on the fill."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, fill))


@lru_cache(maxsize=KNOWN)
def with_contrast(colour: str, surface: str, wanted: float) -> str:
    """Return the colour, darkened or lightened until its contrast with the surface reaches `wanted`."""
    hue, lightness, saturation = rgb_to_hls(*_parts(colour))
    step = -0.01 if _luminance(surface) > 0.18 else 0.01
    while contrast(colour, surface) < wanted and 0 < lightness + step < 1:
        lightness += step
        colour = _written(*hls_to_rgb(hue, lightness, saturation))
    return colour


def blend(colour: str, surface: str, part: float) -> str:
    """Return the colour laid over the surface with the opacity `part`, from 0 to 1."""
    return _written(*(one * part + other * (1 - part) for one, other in zip(_parts(colour), _parts(surface), strict=True)))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _written(*parts: float) -> str:
    return "#" + "".join(f"{round(min(1, max(0, part)) * 255):02x}" for part in parts)
