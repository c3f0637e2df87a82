"""The unsubscribe page. Opening it changes nothing. Its button accepts any origin, for one-click unsubscribe in mail programs."""

from chalicelib.languages import SUPPORTED
from chalicelib.operations import unsubscribe as operation
from chalicelib.operations.unsubscribe import PreferencesView
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.email_preferences import PreferencesChanges
from chalicelib.web.audience import Public

UNSUBSCRIBE = "/unsubscribe/{token}"


@page("GET", UNSUBSCRIBE, who=Public())
def preferences(visit: Visit) -> PageResponse:
    return _page(operation.read_preferences(visit["token"]))


@page("POST", UNSUBSCRIBE, who=Public(), any_origin=True)
def unsubscribe(visit: Visit) -> PageResponse:
    return _page(operation.unsubscribe(visit["token"], now=visit.call.now))


@page("POST", UNSUBSCRIBE + "/undo", who=Public())
def resubscribe(visit: Visit) -> PageResponse:
    return _page(operation.resubscribe(visit["token"], now=visit.call.now))


@page("POST", UNSUBSCRIBE + "/preferences", who=Public())
def change_preferences(visit: Visit) -> PageResponse:
    """Save which e-mails the address gets, and in which language. A tick that is missing turns them off."""
    ticked = {name: visit.typed.get(name) == "true" for name in ("invitations", "date_reminders")}
    language = next((one for one in SUPPORTED if one == visit.typed.get("language")), None)
    changes = PreferencesChanges(**ticked, language=language)
    return _page(operation.change_preferences(visit["token"], changes, now=visit.call.now), saved=True)


def _page(preferences: PreferencesView, *, saved: bool = False) -> PageResponse:
    return Html("public/unsubscribe.html", {"organisation": preferences.organisation, "preferences": preferences, "saved": saved})
