"""The page of an expired link, in the organisation's name, with a way to sign in."""

from collections.abc import Callable

from chalicelib.operations import organisations
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.rules.auth import LinkExpired, LinkUsed
from chalicelib.web.refusals import status_of


def unless_expired(org: str, respond: Callable[[], PageResponse]) -> PageResponse:
    """Return the response, or the page of an expired or used link in the name of the organisation."""
    try:
        return respond()
    except (LinkUsed, LinkExpired) as refusal:
        return Html("portal_account/expired_link.html", {"organisation": organisations.read(org), "refusal": refusal}, status_of(refusal))
