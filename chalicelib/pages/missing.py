"""Addresses under which there is nothing: an HTML page with a way back.

API Gateway wants every resource declared, and one name for the variable part of all siblings. What is written wins over what is variable,
and once it has won there is no way back: so the parts of our own addresses are declared too.
"""

from collections.abc import Iterator

from chalicelib.pages.answers import Answer
from chalicelib.pages.declaring import PAGES, Public, Visit, page
from chalicelib.rules.refusals import NotFound

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


def declare_nowhere() -> None:
    """Let every address that is not a page say so. To be called when all pages are declared."""
    shown = {declared.path for declared in PAGES if declared.method == "GET"}
    parts = {part for declared in PAGES for part in _parts(declared.path)}
    for address in sorted({*NOWHERE, *parts} - shown):
        page("GET", address, who=Public())(nothing)


def nothing(_visit: Visit) -> Answer:
    """Say that there is nothing here."""
    raise NotFound


def _parts(path: str) -> Iterator[str]:
    """Return the path and everything above it."""
    while path.strip("/"):
        yield path
        path = path.rpartition("/")[0]
