"""Entries of the waitlist as they are stored."""

from chalicelib.rules import times
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item, plain

STORED = ("email", "name", "spots", "place", "locale", "status", "held_back", "invitation", "offers", "by_staff")


def entry_from(stored: Item) -> Entry:
    values = plain(stored)
    org, _, session = values["pk"].partition("#")
    return Entry(
        org=org,
        session=session,
        id=values["sk"].removeprefix(keys.WAITING),
        joined_at=times.read(values["created_at"]),
        **{name: values[name] for name in STORED if name in values},
    )


def entry_item(entry: Entry) -> Item:
    values = {name: getattr(entry, name) for name in STORED}
    return {
        **keys.waiting(entry.org, entry.session, entry.id).stored(),
        **item(
            {
                **values,
                "held_back": entry.held_back or None,
                "invitation": entry.invitation or None,
                "created_at": times.written(entry.joined_at),
                "booker": keys.waiter(entry.org, entry.email),
                "due": keys.waitlist(entry.org) if entry.live else None,
                "due_at": f"{entry.session}#{entry.id}" if entry.live else None,
            }
        ),
    }
