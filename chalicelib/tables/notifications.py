"""Notifications: one row for what happened, whoever reads it. What each has seen is on their row as a member."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from chalicelib.rules.notifications import KINDS, Notification, Seen
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.contracts.rows import contract_from
from chalicelib.tables.invitations.rows import invitation_from
from chalicelib.tables.items import Item, item, plain, stored
from chalicelib.tables.keys import Key
from chalicelib.tables.messages import message_from
from chalicelib.tables.registrations.rows import registration_from
from chalicelib.tables.sessions import session_from
from chalicelib.tables.waitlist import entry_from

NEW = "attribute_not_exists(pk)"
NOTHING_SEEN = "attribute_exists(pk) AND attribute_not_exists(seen)"
AS_READ = "attribute_exists(pk) AND seen = :was"
MOST_AT_ONCE = 100


def add(notification: Notification) -> bool:
    """Write a new notification. False when the same was noticed before: the first one stands."""
    try:
        requests.put(settings().records_table, _item(notification), NEW)
    except requests.ConditionFailed:
        return False
    return True


def page(org: str, *, after: str, limit: int, start: Item | None) -> tuple[list[Notification], Item | None]:
    """Return a page of those after a place, the latest first; without those of kinds that a newer version tells of."""
    found, following = requests.query_page(**_after(org, after), Limit=limit, **({"ExclusiveStartKey": start} if start else {}))
    return _known(found), following


def places(org: str, *, after: str, until: str = "", limit: int) -> list[str]:
    """Return the latest places after one, up to another if it is named."""
    asked = _after(org, after)
    if until:
        asked["KeyConditionExpression"] = "directory = :of AND directory_at BETWEEN :after AND :until"
        asked["ExpressionAttributeValues"][":until"] = stored(until)
    found, _ = requests.query_page(**asked, Limit=limit, ProjectionExpression="directory_at")
    return [entry["directory_at"]["S"] for entry in found]


def find(org: str, owns: Iterable[str]) -> list[Notification]:
    """Return those that are there, of up to a hundred, as `page` does."""
    found = requests.batch_get({settings().records_table: [keys.notification(org, own) for own in owns]})
    return _known(found.values())


def note_seen(member: Member, seen: Seen) -> None:
    """Write what a member has seen over what was read. Raises ChangedMeanwhile when they have seen more by then, or are staff no longer."""
    values = {":seen": stored(seen._asdict()), **({":was": stored(member.seen._asdict())} if member.seen else {})}
    try:
        requests.update(
            settings().records_table,
            keys.member(member.org, member.user),
            "SET seen = :seen",
            AS_READ if member.seen else NOTHING_SEEN,
            values=values,
            want="NONE",
        )
    except requests.ConditionFailed:
        raise ChangedMeanwhile from None


def things(notifications: Iterable[Notification]) -> dict[Key, Any]:
    """Return what they are about, by key, as far as it is still there: a hundred things in a request."""
    kinds = {key: kind for one in notifications for kind, key in named_by(one).items()}
    wanted, found = list(kinds), dict[Key, Any]()
    for first in range(0, len(wanted), MOST_AT_ONCE):
        asked: dict[str, list[Key]] = {}
        for key in wanted[first : first + MOST_AT_ONCE]:
            asked.setdefault(getattr(settings(), THINGS[kinds[key]].table), []).append(key)
        for key, entry in requests.batch_get(asked, consistent=False).items():
            found[key] = THINGS[kinds[key]].read(entry)
    return found


def named_by(notification: Notification) -> dict[str, Key]:
    """Return the keys of the things that the notification names, by what they are."""
    return {kind: thing.key(notification.org, notification.about) for kind, thing in THINGS.items() if kind in notification.about}


class Thing(NamedTuple):
    """Where a thing that is named is found, and how its row is read. `table` is called as in the settings."""

    table: str
    key: Callable[[str, Mapping[str, str]], Key]
    read: Callable[[Item], Any]


THINGS: Mapping[str, Thing] = {
    "session": Thing("rosters_table", lambda org, about: keys.session(org, about["session"]), session_from),
    "registration": Thing(
        "rosters_table", lambda org, about: keys.registration(org, about["session"], about["registration"]), registration_from
    ),
    "invitation": Thing("rosters_table", lambda org, about: keys.invitation(org, about["session"], about["invitation"]), invitation_from),
    "entry": Thing("rosters_table", lambda org, about: keys.waiting(org, about["session"], about["entry"]), entry_from),
    "message": Thing("messages_table", lambda org, about: keys.message(org, about["message"]), message_from),
    "contract": Thing("records_table", lambda org, about: keys.contract(org, about["contract"]), partial(contract_from, "")),
}


def _after(org: str, after: str) -> dict[str, Any]:
    return {
        "TableName": settings().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :of AND directory_at > :after",
        "ExpressionAttributeValues": {":of": stored(f"{org}{keys.NOTIFICATIONS}"), ":after": stored(after)},
        "ScanIndexForward": False,
    }


def _known(found: Iterable[Item]) -> list[Notification]:
    return [_notification_from(entry) for entry in found if entry["kind"]["S"] in KINDS]


def _notification_from(entry: Item) -> Notification:
    values = plain(entry)
    at, _, own = values["directory_at"].partition("#")
    org = values["directory"].removesuffix(keys.NOTIFICATIONS)
    return Notification(org, own, values["kind"], datetime.fromisoformat(at), values["about"])


def _item(notification: Notification) -> Item:
    return {
        **keys.notification(notification.org, notification.id).stored(),
        **item(
            {
                "directory": f"{notification.org}{keys.NOTIFICATIONS}",
                "directory_at": notification.place,
                "kind": notification.kind,
                "about": notification.about,
                "forget_at": int(notification.forget_at.timestamp()),
            }
        ),
    }
