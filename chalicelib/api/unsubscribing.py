"""Stopping e-mails that nobody asked for, and undoing it. The POST is RFC 8058's one click: no cookie, no Origin, no redirect."""

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, endpoint
from chalicelib.operations import links, unsubscribing


class WishOut(Out):
    organisation: str
    email: str
    """Masked."""
    unsubscribed: bool


def _answer(wish: unsubscribing.Wish) -> Answer:
    return Answer(200, WishOut(organisation=wish.organisation.name, email=wish.masked, unsubscribed=wish.unsubscribed))


@endpoint("GET", "/v1/unsubscribe/{token}", who=Public(), gives={200: WishOut, 303: None})
def read_wish(request: Request[None]) -> Answer:
    """Say whether the address gets invitations and reminders; looking changes nothing. A browser is shown the page (303)."""
    wish = unsubscribing.read_wish(request["token"])
    if "text/html" in request.call.headers.get("accept", ""):
        return Answer(303, "", {"Location": links.unsubscribe_page(request["token"])})
    return _answer(wish)


@endpoint("POST", "/v1/unsubscribe/{token}", who=Public(), gives={200: WishOut})
def unsubscribe(request: Request[None]) -> Answer:
    """Stop invitations and reminders to the address; what answers its own requests still arrives."""
    return _answer(unsubscribing.unsubscribe(request["token"], now=request.call.now))


@endpoint("POST", "/v1/resubscribe/{token}", who=Public(), gives={200: WishOut})
def resubscribe(request: Request[None]) -> Answer:
    """Undo it."""
    return _answer(unsubscribing.resubscribe(request["token"], now=request.call.now))
