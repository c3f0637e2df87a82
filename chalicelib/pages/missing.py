"""Addresses under which there is nothing: an HTML page with a way back.

API Gateway wants every resource declared, and one name for the variable part of all siblings. What is written wins over what is variable,
and once it has won there is no way back: so the parts of our own addresses are declared too.
"""

from collections.abc import Iterator, Sequence

from chalicelib.pages.answers import Answer
from chalicelib.pages.declaring import Page, Public, Visit, page
from chalicelib.rules.refusals import NotFound
from chalicelib.web.routes import ROUTES

NOWHERE = (
    "/{a}",
    "/{a}/{b}",
    "/{a}/{b}/{c}",
    "/{a}/{b}/{c}/{d}",
    "/o/{org}/{b}",
    "/o/{org}/{b}/{c}",
    "/o/{org}/sessions/{session}/{c}",
    "/p/{org}/{b}",
    "/i/{token}/{b}",
)


def nowhere(pages: Sequence[Page]) -> list[str]:
    """Return the addresses that are no page, of an application with these pages."""
    shown = {declared.path for declared in pages if declared.method == "GET"}
    parts = {part for declared in pages for part in _parts(declared.path)}
    return sorted({*NOWHERE, *parts} - shown)


def nothing(_visit: Visit) -> Answer:
    """Say that there is nothing here."""
    raise NotFound


def _parts(path: str) -> Iterator[str]:
    """Return the path and everything above it."""
    while path.strip("/"):
        yield path
        path = path.rpartition("/")[0]


for _, address in ROUTES.get(__name__, []):
    page("GET", address, who=Public())(nothing)
