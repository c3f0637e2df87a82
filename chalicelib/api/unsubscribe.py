"""Unsubscribe from invitations and reminders, and undo it. The POST is RFC 8058's one click: no cookie, no Origin, no redirect."""

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.operations import links
from chalicelib.operations import unsubscribe as operation
from chalicelib.web.audience import Public


class PreferencesOut(Out):
    organisation: str
    email: str
    """The masked address."""
    unsubscribed: bool


def _answer(preferences: operation.PreferencesView) -> Answer:
    return Answer(
        200, PreferencesOut(organisation=preferences.organisation.name, email=preferences.masked, unsubscribed=preferences.unsubscribed)
    )


@endpoint("GET", "/v1/unsubscribe/{token}", id="unsubscribing.read_wish", who=Public(), gives={200: PreferencesOut, 303: None})
def read_preferences(request: Request[None]) -> Answer:
    """Read whether the address gets invitations and reminders; a browser is redirected to the page (303)."""
    preferences = operation.read_preferences(request["token"])
    if "text/html" in request.call.headers.get("accept", ""):
        return Answer(303, "", {"Location": links.unsubscribe_page(request["token"])})
    return _answer(preferences)


@endpoint("POST", "/v1/unsubscribe/{token}", id="unsubscribing.unsubscribe", who=Public(), gives={200: PreferencesOut})
def unsubscribe(request: Request[None]) -> Answer:
    """Stop invitations and reminders to the address; replies to its own requests are still sent."""
    return _answer(operation.unsubscribe(request["token"], now=request.call.now))


@endpoint("POST", "/v1/resubscribe/{token}", id="unsubscribing.resubscribe", who=Public(), gives={200: PreferencesOut})
def resubscribe(request: Request[None]) -> Answer:
    """Subscribe again to invitations and reminders."""
    return _answer(operation.resubscribe(request["token"], now=request.call.now))
