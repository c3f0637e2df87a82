"""The stored form of waitlist entries."""

from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.items import Item, item, plain

ENTRIES = Codec(
    WaitlistEntry,
    attributes={"joined_at": "created_at"},
    elsewhere={"org", "session", "id"},
    always={"status", "offers", "by_staff"},
)
INDEXED = {"booker", "due", "due_at"}
"""The attributes of the indexes."""


def entry_from(stored: Item) -> WaitlistEntry:
    values = plain(stored)
    org, _, session = values["pk"].partition("#")
    return ENTRIES.read(values, org=org, session=session, id=values["sk"].removeprefix(keys.WAITLIST_ENTRY))


def entry_item(entry: WaitlistEntry) -> Item:
    indexed = {
        "booker": keys.waiter(entry.org, entry.email),
        "due": keys.clock("waitlists", entry.org) if entry.is_live else None,
        "due_at": due_at(entry) if entry.is_live else None,
    }
    return {**keys.waitlist_entry(entry.org, entry.session, entry.id).stored(), **item({**ENTRIES.write(entry), **indexed})}


def due_at(entry: WaitlistEntry) -> str:
    """Return the key of a live entry in the index `due`; of entries at one place, the lower id comes first."""
    return f"{entry.session}#{entry.id}"
