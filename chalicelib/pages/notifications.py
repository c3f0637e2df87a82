"""The bell: what happened without staff. Opening something from here marks it as read, which a mere link could not."""

from chalicelib.operations import notifications
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.web import cursors

NOTIFICATIONS = "/o/{org}/notifications"
SHOWN = 50


@page("GET", NOTIFICATIONS, who=Staff("viewer"))
def list_notifications(visit: Visit) -> Answer:
    start = cursors.opened(visit.call.query.get("cursor"), of=visit.path)
    found = notifications.list_notifications(visit.staff, locale=_locale(visit), limit=SHOWN, start=start, now=visit.call.now)
    older = cursors.sealed(found.next, of=visit.path)
    return Html("notifications.html", {"told": found.items, "first": start is None, "older": older})


@page("POST", NOTIFICATIONS, who=Staff("viewer"))
def read_notifications(visit: Visit) -> Answer:
    """Mark one as read, and all before it if so asked; or open one, which is read by that."""
    own = next((visit.typed[asked] for asked in ("open", "read", "until") if visit.typed.get(asked)), "")
    told = notifications.read_notification(visit.staff, own, locale=_locale(visit), now=visit.call.now)
    if visit.typed.get("until"):
        notifications.read_all(visit.staff, until=told.notification.place, now=visit.call.now)
    else:
        notifications.read_some(visit.staff, [own])
    return Redirect(told.path if told.path and visit.typed.get("open") else visit.path)


def _locale(visit: Visit) -> str:
    return visit.locale(visit.organisation)
