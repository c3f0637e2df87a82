"""Unsubscribe from invitations and reminders, and undo it. The POST is RFC 8058's one click: no cookie, no Origin, no redirect."""

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.languages import Locale
from chalicelib.operations import links
from chalicelib.operations import unsubscribe as operation
from chalicelib.rules.inputs.email_preferences import PreferencesChanges
from chalicelib.web.audience import Public


class PreferencesOut(Out):
    organisation: str
    email: str
    """The masked address."""
    unsubscribed: bool
    """Whether the address gets no invitations."""
    date_reminders: bool
    """Whether it gets reminders before dates."""
    language: Locale | None
    """The language of e-mails to it; null for that of what each is about."""


def _response(preferences: operation.PreferencesView) -> ApiResponse:
    shown = {name: getattr(preferences, name) for name in ("unsubscribed", "date_reminders", "language")}
    return ApiResponse(200, PreferencesOut(organisation=preferences.organisation.name, email=preferences.masked, **shown))


@endpoint("GET", "/v1/unsubscribe/{token}", id="unsubscribing.read_wish", who=Public(), gives={200: PreferencesOut, 303: None})
def read_preferences(request: Request[None]) -> ApiResponse:
    """Read whether the address gets invitations and reminders; a browser is redirected to the page (303)."""
    preferences = operation.read_preferences(request["token"])
    if "text/html" in request.call.headers.get("accept", ""):
        return ApiResponse(303, "", {"Location": links.unsubscribe_page(request["token"])})
    return _response(preferences)


@endpoint("POST", "/v1/unsubscribe/{token}", id="unsubscribing.unsubscribe", who=Public(), gives={200: PreferencesOut})
def unsubscribe(request: Request[None]) -> ApiResponse:
    """Stop invitations and reminders to the address; replies to its own requests are still sent."""
    return _response(operation.unsubscribe(request["token"], now=request.call.now))


@endpoint("POST", "/v1/resubscribe/{token}", id="unsubscribing.resubscribe", who=Public(), gives={200: PreferencesOut})
def resubscribe(request: Request[None]) -> ApiResponse:
    """Subscribe again to invitations and reminders."""
    return _response(operation.resubscribe(request["token"], now=request.call.now))


@endpoint(
    "PATCH",
    "/v1/unsubscribe/{token}",
    id="unsubscribing.change_preferences",
    who=Public(),
    takes=PreferencesChanges,
    gives={200: PreferencesOut},
)
def change_preferences(request: Request[PreferencesChanges]) -> ApiResponse:
    """Choose which e-mails the address gets, and in which language."""
    return _response(operation.change_preferences(request["token"], request.body, now=request.call.now))
