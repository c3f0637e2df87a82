"""Colours that can be read: WCAG 2's contrast, and shades of an organisation's accent that have enough of it."""

import re
from colorsys import hls_to_rgb, rgb_to_hls
from typing import NamedTuple

DEFAULT = "#2f5d50"
WHITE, BLACK = "#ffffff", "#000000"
LIGHT_SURFACE, DARK_SURFACE = "#ffffff", "#171b1a"
TEXT, SHAPE = 4.6, 3.1
"""The contrasts that AA asks of text and of shapes, and a little more for rounding."""


class Shades(NamedTuple):
    """An accent on one surface: `fill` for shapes with `on_fill` on them, `ink` for text, `wash` for quiet grounds."""

    fill: str
    on_fill: str
    ink: str
    wash: str


def shades(accent: str, *, dark: bool) -> Shades:
    """Return the accent's shades for the light or the dark scheme. What is no colour gives way to the default."""
    colour = accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else DEFAULT
    surface = DARK_SURFACE if dark else LIGHT_SURFACE
    wash = mixed(colour, surface, 0.16 if dark else 0.09)
    fill = apart(colour, surface, SHAPE)
    return Shades(fill, written_on(fill), apart(apart(colour, surface, TEXT), wash, TEXT), wash)


def written_on(fill: str) -> str:
    """Return black or white, whichever reads better on the fill."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, fill))


def apart(colour: str, surface: str, wanted: float) -> str:
    """Return the colour, made darker or lighter until it stands out from the surface as much as wanted."""
    hue, lightness, saturation = rgb_to_hls(*_parts(colour))
    step = -0.01 if _luminance(surface) > 0.18 else 0.01
    while contrast(colour, surface) < wanted and 0 < lightness + step < 1:
        lightness += step
        colour = _written(*hls_to_rgb(hue, lightness, saturation))
    return colour


def mixed(colour: str, surface: str, part: float) -> str:
    """Return so much of the colour on the surface."""
    return _written(*(one * part + other * (1 - part) for one, other in zip(_parts(colour), _parts(surface), strict=True)))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _written(*parts: float) -> str:
    return "#" + "".join(f"{round(min(1, max(0, part)) * 255):02x}" for part in parts)
