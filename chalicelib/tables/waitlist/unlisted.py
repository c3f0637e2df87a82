"""Unlisted entries: given to an address that waits already, so that the response does not reveal that it waits.

They are on no list, hold up nobody and get no offer. Those of a session lie in one row, which expires with it.
"""

from collections.abc import Collection
from datetime import datetime

from chalicelib.config import config
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import NEW, Update, absent, below, present
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.waitlist.rows import ENTRIES

MOST = 300
"""So many of one session fit its row."""
PREFIX = "entry_"


class TooManyUnlisted(Exception):
    """The session has as many unlisted entries as fit."""


def add_unlisted(entry: WaitlistEntry, *, until: datetime) -> bool:
    """Write an unlisted entry, to be forgotten at `until`. False when the same request did so before. Raises TooManyUnlisted."""
    name = PREFIX + entry.id
    change = Update().set(**{name: ENTRIES.write(entry), "forget_at": int(until.timestamp())}).add(many=1)
    try:
        dynamodb.update(config().memory_table, _key(entry), change, absent(name) & (NEW | below("many", MOST)))
    except dynamodb.ConditionFailed as failed:
        if failed.old is None or name not in failed.old:
            raise TooManyUnlisted from None
        return False
    return True


def list_unlisted(org: str, session: str) -> list[WaitlistEntry]:
    """Return the unlisted entries of a session, those that left too."""
    return _entries_from(org, session, dynamodb.get(config().memory_table, keys.unlisted_entries(org, session)))


def count_unlisted(org: str, sessions: Collection[str]) -> dict[str, int]:
    """Return the number of live unlisted entries of each of these sessions, in one request."""
    named = {session: keys.unlisted_entries(org, session) for session in sessions}
    found = dynamodb.batch_get({config().memory_table: [*named.values()]})
    return {session: sum(one.is_live for one in _entries_from(org, session, found.get(key))) for session, key in named.items()}


def _entries_from(org: str, session: str, row: Item | None) -> list[WaitlistEntry]:
    found = plain(row or item({}))
    stored = {name.removeprefix(PREFIX): values for name, values in found.items() if name.startswith(PREFIX)}
    return [ENTRIES.read(values, org=org, session=session, id=id) for id, values in stored.items()]


def leave_unlisted(entry: WaitlistEntry) -> None:
    """End an unlisted entry. Does nothing if it has expired."""
    name = PREFIX + entry.id
    try:
        dynamodb.update(config().memory_table, _key(entry), Update().set_in((name, "status"), "left"), present(name))
    except dynamodb.ConditionFailed:
        return


def _key(entry: WaitlistEntry) -> keys.Key:
    return keys.unlisted_entries(entry.org, entry.session)
