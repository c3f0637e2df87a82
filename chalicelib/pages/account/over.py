"""A link that was good once: the page says so in the organisation's name, and leads to where one signs in."""

from collections.abc import Callable

from chalicelib.operations import organisations
from chalicelib.pages.answers import Answer, Html
from chalicelib.rules.accounts import LinkRunOut, LinkUsed
from chalicelib.web.refusals import status_of


def unless_over(org: str, answer: Callable[[], Answer]) -> Answer:
    """Return the answer, or the page that says that the link, which is of this organisation, is over."""
    try:
        return answer()
    except (LinkUsed, LinkRunOut) as refusal:
        return Html("account/over.html", {"organisation": organisations.read(org), "refusal": refusal}, status_of(refusal))
