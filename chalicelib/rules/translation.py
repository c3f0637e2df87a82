"""Marking texts in the source for translation."""

from collections.abc import Callable, Mapping


def N_(text: str) -> str:  # noqa: N802  # gettext's own name for it
    """Return the text unchanged. The name marks it for the catalogues; the page or e-mail that shows it translates it."""
    return text


class Filled(str):
    """A marked text with values in it. It reads as English, and `translated` fills in the text of another language."""

    text: str
    values: Mapping[str, object]

    def __new__(cls, text: str, values: Mapping[str, object]) -> "Filled":
        filled = super().__new__(cls, text % values)
        filled.text, filled.values = text, values
        return filled


def translated(sentence: str, gettext: Callable[[str], str]) -> str:
    """Return a marked sentence in the language of `gettext`, with its values. An empty one stays empty."""
    if isinstance(sentence, Filled):
        return gettext(sentence.text) % sentence.values
    return gettext(sentence) if sentence else ""
