"""Access to the OpenAPI document for pages. `pages` does not import `api`, so the application registers the function that builds it."""

from collections.abc import Callable

_build: list[Callable[[], str]] = []


def built_by(build: Callable[[], str]) -> None:
    """Register the function that builds the document."""
    _build[:] = [build]


def document() -> str:
    """Return the OpenAPI 3.1 document as JSON text."""
    return _build[0]()
