"""Notifications: one row each, shared by all staff. Read marks are on the staff members' rows."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.notifications import KINDS, Notification, ReadMarks
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import THERE, Update, unchanged
from chalicelib.tables.contracts.rows import contract_from
from chalicelib.tables.invitations.rows import invitation_from
from chalicelib.tables.items import Item, item, plain, stored
from chalicelib.tables.keys import Key
from chalicelib.tables.messages import message_from
from chalicelib.tables.registrations.rows import registration_from
from chalicelib.tables.sessions.rows import session_from
from chalicelib.tables.staff import READ_MARKS
from chalicelib.tables.waitlist import entry_from

MOST_AT_ONCE = 100
NOTIFICATIONS = Codec(Notification, elsewhere={"org", "id", "at"})


def add(notification: Notification) -> bool:
    """Write a new notification. False when it exists already; it is unchanged then."""
    try:
        dynamodb.put_new(config().records_table, _item(notification))
    except dynamodb.ConditionFailed:
        return False
    return True


def page(org: str, *, after: str, limit: int, start: Item | None) -> tuple[list[Notification], Item | None]:
    """Return a page of the notifications after a start key, latest first, without kinds that only a newer version knows."""
    found, next_start = dynamodb.query_page(**_after(org, after), Limit=limit, start=start)
    return _known(found), next_start


def sort_keys(org: str, *, after: str, until: str = "", limit: int) -> list[str]:
    """Return the latest sort keys after `after`, up to `until` if given."""
    query = _after(org, after)
    if until:
        query["KeyConditionExpression"] = "directory = :of AND directory_at BETWEEN :after AND :until"
        query["ExpressionAttributeValues"][":until"] = stored(until)
    found, _ = dynamodb.query_page(**query, Limit=limit, ProjectionExpression="directory_at")
    return [row["directory_at"]["S"] for row in found]


def find(org: str, ids: Iterable[str]) -> list[Notification]:
    """Return the existing ones of up to a hundred notifications, with the same exception as `page`."""
    found = dynamodb.batch_get({config().records_table: [keys.notification(org, id) for id in ids]})
    return _known(found.values())


def note_seen(member: StaffMember, seen: ReadMarks) -> None:
    """Write a staff member's read marks over those that were read. Raises ChangedMeanwhile when they changed or the member is gone."""
    key, as_seen = keys.staff_member(member.org, member.user), THERE & unchanged("seen", member.seen and READ_MARKS.write(member.seen))
    try:
        dynamodb.update(config().records_table, key, Update().set(seen=READ_MARKS.write(seen)), as_seen, want="NONE")
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None


def subjects(notifications: Iterable[Notification]) -> dict[Key, Any]:
    """Return the existing things that the notifications name, by key, a hundred per request."""
    kinds = {key: kind for one in notifications for kind, key in named_by(one).items()}
    wanted, found = list(kinds), dict[Key, Any]()
    for first in range(0, len(wanted), MOST_AT_ONCE):
        keys: dict[str, list[Key]] = {}
        for key in wanted[first : first + MOST_AT_ONCE]:
            keys.setdefault(getattr(config(), SUBJECTS[kinds[key]].table), []).append(key)
        for key, row in dynamodb.batch_get(keys, consistent=False).items():
            found[key] = SUBJECTS[kinds[key]].read(row)
    return found


def named_by(notification: Notification) -> dict[str, Key]:
    """Return the keys of the things that the notification names: kind of thing → key."""
    return {kind: subject.key(notification.org, notification.about) for kind, subject in SUBJECTS.items() if kind in notification.about}


class NotificationSubject(NamedTuple):
    """The location of a named thing, and the reader of its row. `table` is the name of a setting in `config`."""

    table: str
    key: Callable[[str, Mapping[str, str]], Key]
    read: Callable[[Item], Any]


SUBJECTS: Mapping[str, NotificationSubject] = {
    "session": NotificationSubject("rosters_table", lambda org, about: keys.session(org, about["session"]), session_from),
    "registration": NotificationSubject(
        "rosters_table", lambda org, about: keys.registration(org, about["session"], about["registration"]), registration_from
    ),
    "invitation": NotificationSubject(
        "rosters_table", lambda org, about: keys.invitation(org, about["session"], about["invitation"]), invitation_from
    ),
    "entry": NotificationSubject(
        "rosters_table", lambda org, about: keys.waitlist_entry(org, about["session"], about["entry"]), entry_from
    ),
    "message": NotificationSubject("messages_table", lambda org, about: keys.message(org, about["message"]), message_from),
    "contract": NotificationSubject("records_table", lambda org, about: keys.contract(org, about["contract"]), partial(contract_from, "")),
}


def _after(org: str, after: str) -> dict[str, Any]:
    return {
        "TableName": config().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :of AND directory_at > :after",
        "ExpressionAttributeValues": {":of": stored(f"{org}{keys.NOTIFICATIONS}"), ":after": stored(after)},
        "ScanIndexForward": False,
    }


def _known(found: Iterable[Item]) -> list[Notification]:
    return [_notification_from(row) for row in found if row["kind"]["S"] in KINDS]


def _notification_from(row: Item) -> Notification:
    values = plain(row)
    at, _, id = values["directory_at"].partition("#")
    org = values["directory"].removesuffix(keys.NOTIFICATIONS)
    return NOTIFICATIONS.read(values, org=org, id=id, at=datetime.fromisoformat(at))


def _item(notification: Notification) -> Item:
    indexed = {
        "directory": f"{notification.org}{keys.NOTIFICATIONS}",
        "directory_at": notification.sort_key,
        "forget_at": int(notification.forget_at.timestamp()),
    }
    return {**keys.notification(notification.org, notification.id).stored(), **item({**NOTIFICATIONS.write(notification), **indexed})}
