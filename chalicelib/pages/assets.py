"""The style sheet, the script and the accent colours, under names that change with their content."""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from chalicelib.pages.paths import path
from chalicelib.pages.responses import File
from chalicelib.rules.colours import DEFAULT, Shades, shades
from chalicelib.rules.refusals import NotFound

STATIC = Path(__file__).parent / "static"
EMBED_MINUTES = 60
KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}

SPACES = re.compile(r";?\s*(})\s*|\s*([{;,>])\s*|:\s+")
"""Spaces that mean nothing in a style sheet, and the last semicolon of a rule."""


def static_file(name: str) -> File:
    """Return a file of `static` by its name with a content hash. An outdated hash gets the current file, which browsers revalidate.

    Raises NotFound for an unknown file.
    """
    stem, seal, ending = _taken_apart(name)
    try:
        text = _text(f"{stem}.{ending}")
    except FileNotFoundError:
        raise NotFound from None
    return File(text, KINDS[ending], forever=seal == _seal(text))


def accent_file(name: str) -> File:
    """Return the style sheet of an accent colour by its name with a content hash. Raises NotFound for a malformed name."""
    colour, seal, ending = _taken_apart(name)
    if ending != "css":
        raise NotFound
    text = _colours(f"#{colour}")
    return File(text, KINDS["css"], forever=seal == _seal(text))


def embed_file() -> File:
    """Return the script for other sites. Its address stays, so browsers ask for it again after a while."""
    return File(_text("embed.js"), KINDS["js"], forever=False, minutes=EMBED_MINUTES)


def asset(name: str) -> str:
    """Return the path of a file in `static`, with a hash of its content in the name."""
    stem, _, ending = name.partition(".")
    return path(f"/static/{stem}.{_seal(_text(name))}.{ending}")


def accent_sheet(colour: str) -> str:
    """Return the path of the style sheet for an accent colour, with a hash of its content in the name."""
    return path(f"/accent/{(colour or DEFAULT).lstrip('#').lower()}.{_seal(_colours(colour or DEFAULT))}.css")


@cache
def _text(name: str) -> str:
    """Return a file of `static` as browsers get it: without comments, which stand between `/*` and `*/`, and without indentation."""
    written = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    text = "".join(f"{line}\n" for line in map(str.strip, written.splitlines()) if line)
    return SPACES.sub(lambda found: found[1] or found[2] or ":", text) if name.endswith(".css") else text


def _colours(colour: str) -> str:
    light, dark = (_properties(shades(colour, dark=dark)) for dark in (False, True))
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def _properties(found: Shades) -> str:
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in found._asdict().items())


@cache
def _seal(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:10]


def _taken_apart(name: str) -> tuple[str, str, str]:
    stem, _, rest = name.partition(".")
    seal, _, ending = rest.partition(".")
    if not stem.isalnum() or ending not in KINDS:
        raise NotFound
    return stem, seal, ending
