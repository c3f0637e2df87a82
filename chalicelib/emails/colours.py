"""The organisation's accent, and a colour that can be read on it (WCAG's contrast)."""

import re
from typing import NamedTuple

DEFAULT = "#2f5d50"
LIGHT, DARK = "#ffffff", "#15201d"


class Paint(NamedTuple):
    accent: str
    on_accent: str


def paint(accent: str) -> Paint:
    """Return the accent and what is written on it; an accent that is no colour gives way to ours."""
    colour = accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else DEFAULT
    return Paint(colour, max((LIGHT, DARK), key=lambda text: contrast(text, colour)))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
