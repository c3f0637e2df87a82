"""The unsubscribe page. Opening it changes nothing. Its button accepts any origin, for one-click unsubscribe in mail programs."""

from chalicelib.operations import unsubscribe as operation
from chalicelib.operations.unsubscribe import PreferencesView
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.views import Visit, page
from chalicelib.web.audience import Public

UNSUBSCRIBE = "/unsubscribe/{token}"


@page("GET", UNSUBSCRIBE, who=Public())
def preferences(visit: Visit) -> Answer:
    return _page(operation.read_preferences(visit["token"]))


@page("POST", UNSUBSCRIBE, who=Public(), any_origin=True)
def unsubscribe(visit: Visit) -> Answer:
    return _page(operation.unsubscribe(visit["token"], now=visit.call.now))


@page("POST", UNSUBSCRIBE + "/undo", who=Public())
def resubscribe(visit: Visit) -> Answer:
    return _page(operation.resubscribe(visit["token"], now=visit.call.now))


def _page(preferences: PreferencesView) -> Answer:
    return Html("public/unsubscribe.html", {"organisation": preferences.organisation, "preferences": preferences})
