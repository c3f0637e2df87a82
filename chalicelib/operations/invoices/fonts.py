"""PDF fonts for every script in which people write their names.

Roboto has Latin, Greek and Cyrillic letters. Other scripts have small fonts of their own, embedded as far as they are used; for Chinese,
Japanese and Korean every PDF reader brings a font. A letter of a script without a font here is transliterated.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from types import ModuleType

from anyascii import anyascii

REGULAR, BOLD = "Roboto", "RobotoBold"
HEBREW, ARABIC, DEVANAGARI, THAI = "Heebo", "NotoSansArabic", "NotoSansDevanagari", "NotoSansThai"
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
SCRIPTS = {
    "HEBREW": HEBREW,
    "ARABIC": ARABIC,
    "DEVANAGARI": DEVANAGARI,
    "THAI": THAI,
    "CJK": CHINESE,
    "HIRAGANA": JAPANESE,
    "KATAKANA": JAPANESE,
    "HANGUL": KOREAN,
}
"""Fonts by the first word of the names that Unicode gives to the letters of a script."""
SHAPED = {"DEVANAGARI", "THAI"}
RIGHT_TO_LEFT = {"R", "AL"}
WRITTEN = ("L", "M", "N")
"""The Unicode categories that are transliterated. A symbol without a glyph, such as an emoji, is left out."""


@cache
def register() -> None:
    """Register the fonts with reportlab."""
    import font_roboto
    import fontpkg_heebo
    import fontpkg_noto_sans_arabic
    import fontpkg_noto_sans_devanagari
    import fontpkg_noto_sans_thai
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, font_roboto.font_files[name]))
    packages = {HEBREW: fontpkg_heebo, DEVANAGARI: fontpkg_noto_sans_devanagari, THAI: fontpkg_noto_sans_thai}
    for name, package in packages.items():
        pdfmetrics.registerFont(TTFont(name, _file(package)))
    # Arabic letters are shaped before they are reordered, so reportlab must not shape them again.
    pdfmetrics.registerFont(TTFont(ARABIC, _file(fontpkg_noto_sans_arabic), shapable=False))
    for name in (CHINESE, JAPANESE, KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def marked_up(text: str, font: str) -> str:
    """Return the text as reportlab markup, each part in a font with its letters, right-to-left text in visual order."""
    register()
    parts = groupby(_glyphs(_visual(text), font), key=lambda glyph: glyph[0])
    return "".join(_part(name, "".join(letters for _, letters in glyphs), font) for name, glyphs in parts)


def needs_shaping(text: str) -> bool:
    """Whether reportlab must shape the text, because its letters depend on their neighbours."""
    return any(_script(character) in SHAPED for character in text)


def _part(name: str, letters: str, font: str) -> str:
    return escape(letters) if name == font else f'<font name="{name}">{escape(letters)}</font>'


def _visual(text: str) -> str:
    if not any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text):
        return text
    from arabic_reshaper import reshape
    from bidi import get_display

    return str(get_display(reshape(text)))


def _glyphs(text: str, font: str) -> Iterator[tuple[str, str]]:
    """Yield each character with a font that has it, or its transliteration with `font`."""
    names = {_script(character) for character in text}
    han = JAPANESE if {"HIRAGANA", "KATAKANA"} & names else KOREAN if "HANGUL" in names else CHINESE
    for character in text:
        script = _script(character)
        if _has(font, character):
            yield font, character
        elif script in SCRIPTS:
            yield (han if script == "CJK" else SCRIPTS[script]), character
        elif unicodedata.category(character).startswith(WRITTEN):
            yield font, anyascii(character)


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _has(font: str, character: str) -> bool:
    from reportlab.pdfbase import pdfmetrics

    return ord(character) in pdfmetrics.getFont(font).face.charToGlyph


def _file(package: ModuleType) -> str:
    (found,) = Path(package.ROOT).glob("files/*.ttf")
    return str(found)
