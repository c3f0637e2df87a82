"""The API's description, for whoever shows it: `pages` does not know `api`, so the application says where it comes from."""

from collections.abc import Callable

_how: list[Callable[[], str]] = []


def described_by(how: Callable[[], str]) -> None:
    """Say what makes the description."""
    _how[:] = [how]


def description() -> str:
    """Return the description of the API (OpenAPI 3.1) as JSON text."""
    return _how[0]()
