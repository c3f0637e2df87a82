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


def best(accept_language: str, otherwise: Locale = SUPPORTED[0]) -> Locale:
    """Return the supported language that `Accept-Language` prefers, or `otherwise` if it names none."""
    liked = [(-weight, index, name) for index, (name, weight) in enumerate(_preferences(accept_language)) if weight > 0]
    for _, _, name in sorted(liked):
        for supported in SUPPORTED:
            if name.split("-")[0] == supported or name == "*":
                return supported
    return otherwise


def _preferences(header: str) -> list[tuple[str, float]]:
    return [_preference(part) for part in header.lower().split(",") if part.strip()][:20]


def _preference(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";")
    try:
        return name.strip(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return name.strip(), 0
