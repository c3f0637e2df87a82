"""Marking texts in the source for translation."""


def N_(text: str) -> str:  # noqa: N802  # gettext's own name for it
    """Return the text unchanged. The name marks it for the catalogues; the page or e-mail that shows it translates it."""
    return text
