"""The page of an expired link, in the organisation's name, with a way to sign in."""

from collections.abc import Callable

from chalicelib.operations import organisations
from chalicelib.pages.answers import Answer, Html
from chalicelib.rules.auth import LinkExpired, LinkUsed
from chalicelib.web.refusals import status_of


def unless_expired(org: str, answer: Callable[[], Answer]) -> Answer:
    """Return the answer, or the page of an expired or used link in the name of the organisation."""
    try:
        return answer()
    except (LinkUsed, LinkExpired) as refusal:
        return Html("portal_account/expired_link.html", {"organisation": organisations.read(org), "refusal": refusal}, status_of(refusal))
