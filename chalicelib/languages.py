"""The languages that Rollbook speaks: English, which the sources are written in, and each language with a compiled catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

DOMAIN = "rollbook"
CATALOGUES = Path(__file__).parent / "locales"
IN_THE_SOURCES = "en"
SUPPORTED: tuple[str, ...] = (
    IN_THE_SOURCES,
    *sorted(compiled.parent.parent.name for compiled in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")),
)
if TYPE_CHECKING:
    Locale = str
else:
    Locale = Literal[SUPPORTED]
