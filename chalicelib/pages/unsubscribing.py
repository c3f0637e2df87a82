"""Where an address stops what it did not ask for. Opening the page changes nothing; its button may be sent from anywhere."""

from chalicelib.operations import unsubscribing
from chalicelib.operations.unsubscribing import Wish
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.declaring import Public, Visit, page

UNSUBSCRIBE = "/unsubscribe/{token}"


@page("GET", UNSUBSCRIBE, who=Public())
def wish(visit: Visit) -> Answer:
    return _page(unsubscribing.read_wish(visit["token"]))


@page("POST", UNSUBSCRIBE, who=Public(), any_origin=True)
def unsubscribe(visit: Visit) -> Answer:
    return _page(unsubscribing.unsubscribe(visit["token"], now=visit.call.now))


@page("POST", UNSUBSCRIBE + "/undo", who=Public())
def resubscribe(visit: Visit) -> Answer:
    return _page(unsubscribing.resubscribe(visit["token"], now=visit.call.now))


def _page(wish: Wish) -> Answer:
    return Html("public/unsubscribe.html", {"organisation": wish.organisation, "wish": wish})
