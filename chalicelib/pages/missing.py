"""Addresses under which there is nothing: an HTML page with a way back, whatever its depth.

API Gateway wants every resource declared, and one name for the variable part of all siblings; what is written wins over what is variable.
"""

from chalicelib.pages.answers import Answer
from chalicelib.pages.declaring import Public, Visit, page
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


def nothing(_visit: Visit) -> Answer:
    """Say that there is nothing here."""
    raise NotFound


for address in NOWHERE:
    page("GET", address, who=Public())(nothing)
