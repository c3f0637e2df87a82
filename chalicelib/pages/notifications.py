"""Notifications: the list behind the bell. A notification is marked as read by a form, since a link must not change anything."""

from chalicelib.operations import notifications
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web import cursors
from chalicelib.web.audience import Staff

NOTIFICATIONS = "/o/{org}/notifications"
SHOWN = 50


@page("GET", NOTIFICATIONS, who=Staff("read"))
def list_notifications(visit: Visit) -> PageResponse:
    start = cursors.start_key_of(visit.call.query.get("cursor"), of=visit.path)
    found = notifications.list_notifications(visit.staff, locale=_locale(visit), limit=SHOWN, start=start, now=visit.call.now)
    older = cursors.cursor_of(found.next, of=visit.path)
    return Html("notifications.html", {"notifications": found.items, "first": start is None, "older": older})


@page("POST", NOTIFICATIONS, who=Staff("read"))
def read_notifications(visit: Visit) -> PageResponse:
    """Mark a notification as read: alone (`read`), with all before it (`until`), or by opening its page (`open`)."""
    id = next((visit.typed[action] for action in ("open", "read", "until") if visit.typed.get(action)), "")
    view = notifications.read_notification(visit.staff, id, locale=_locale(visit), now=visit.call.now)
    if visit.typed.get("until"):
        notifications.read_all(visit.staff, until=view.notification.sort_key, now=visit.call.now)
    else:
        notifications.read_some(visit.staff, [id])
    return Redirect(view.path if view.path and visit.typed.get("open") else visit.path)


def _locale(visit: Visit) -> str:
    return visit.locale(visit.organisation)
