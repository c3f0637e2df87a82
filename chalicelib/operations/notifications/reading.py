"""Notifications as somebody reads them: in sentences, with what they have seen, for ninety days."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations.notifications import telling
from chalicelib.operations.notifications.telling import About
from chalicelib.rules.notifications import MOST_COUNTED, Notification, Seen, oldest
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import notifications
from chalicelib.tables.items import Item
from chalicelib.tables.keys import Key


class Told(NamedTuple):
    """A notification for one reader. `text` is a sentence in their language, `path` the page about it, empty when that is gone."""

    notification: Notification
    read: bool
    text: str
    path: str


class Page(NamedTuple):
    items: list[Told]
    next: Item | None


def list_notifications(member: Member, *, locale: str, limit: int, start: Item | None = None, now: datetime) -> Page:
    """Return a page of what the staff were told, the latest first."""
    found, following = notifications.page(member.org, after=oldest(now), limit=limit, start=start)
    things, seen = notifications.things(found), member.has_seen
    return Page([_told(one, things, seen, locale) for one in found], following)


def read_notification(member: Member, own: str, *, locale: str, now: datetime) -> Told:
    """Return one of them. Raises NotFound, also for one that is too old to be shown."""
    found = [one for one in notifications.find(member.org, [own]) if one.place > oldest(now)]
    if not found:
        raise NotFound
    return _told(found[0], notifications.things(found), member.has_seen, locale)


def count_unread(member: Member, *, now: datetime) -> int:
    """Return how many a member has not seen, a hundred at most. One query."""
    seen = member.has_seen
    after = max(seen.up_to, oldest(now))
    latest = notifications.places(member.org, after=after, limit=MOST_COUNTED + len(seen.beyond))
    return min(MOST_COUNTED, sum(one not in seen.beyond for one in latest))


def _told(one: Notification, things: Mapping[Key, Any], seen: Seen, locale: str) -> Told:
    about = About(**{kind: things.get(key) for kind, key in notifications.named_by(one).items()})
    return Told(one, seen.has(one.place), telling.sentence(one, about, locale), telling.path(one, about))
