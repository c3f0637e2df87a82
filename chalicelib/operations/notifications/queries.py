"""Notifications of the last ninety days as sentences, with their read marks, for one member."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations.notifications.text import NotificationContext, path, sentence
from chalicelib.rules.notifications import MOST_COUNTED, Notification, ReadMarks, oldest
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import notifications
from chalicelib.tables.items import Item
from chalicelib.tables.keys import Key


class NotificationView(NamedTuple):
    """A notification for one reader. `text` is a sentence in their language, `path` the page about it, empty if that was deleted."""

    notification: Notification
    read: bool
    text: str
    path: str


class NotificationPage(NamedTuple):
    items: list[NotificationView]
    next: Item | None


def list_notifications(member: StaffMember, *, locale: str, limit: int, start: Item | None = None, now: datetime) -> NotificationPage:
    """Return a page of the notifications of the last 90 days, latest first."""
    found, next_start = notifications.page(member.org, after=oldest(now), limit=limit, start=start)
    subjects, seen = notifications.subjects(found), member.has_seen
    return NotificationPage([_view(one, subjects, seen, locale) for one in found], next_start)


def read_notification(member: StaffMember, id: str, *, locale: str, now: datetime) -> NotificationView:
    """Return the notification. Raises NotFound, also for one older than 90 days."""
    found = [one for one in notifications.find(member.org, [id]) if one.sort_key > oldest(now)]
    if not found:
        raise NotFound
    return _view(found[0], notifications.subjects(found), member.has_seen, locale)


def count_unread(member: StaffMember, *, now: datetime) -> int:
    """Return the number of the member's unread notifications, at most 100. One query."""
    seen = member.has_seen
    after = max(seen.up_to, oldest(now))
    latest = notifications.sort_keys(member.org, after=after, limit=MOST_COUNTED + len(seen.beyond))
    return min(MOST_COUNTED, sum(one not in seen.beyond for one in latest))


def _view(one: Notification, subjects: Mapping[Key, Any], seen: ReadMarks, locale: str) -> NotificationView:
    about = NotificationContext(**{kind: subjects.get(key) for kind, key in notifications.named_by(one).items()})
    return NotificationView(one, seen.has(one.sort_key), sentence(one, about, locale), path(one, about))
