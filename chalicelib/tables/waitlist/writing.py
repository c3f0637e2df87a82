"""An entry changes only as it was seen, and the ledger's count of the line with it, in one transaction.

Every function that changes an entry raises ChangedMeanwhile when it is not as it was seen any more, and nothing has changed then.
"""

from dataclasses import replace
from typing import Any

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.waitlist import Entry, EntryStatus, HeldBack
from chalicelib.settings import settings
from chalicelib.tables import keys, ledger, requests
from chalicelib.tables.invitations import row_writes
from chalicelib.tables.items import Item, stored
from chalicelib.tables.waitlist.rows import entry_item

NEW = "attribute_not_exists(pk)"
SAME_STATUS = "#status = :status"
SAME_OFFER = "offers = :offers"
SAME_PLACE = "place = :place"
MINE = "entry = :own"
Writes = list[dict[str, Any]]


class AddressWaits(Exception):
    """Another live entry of this session names the same address."""


def join(entry: Entry) -> bool:
    """Write a new entry and count it into the line; False when this very request had done so. Raises AddressWaits."""
    rosters = settings().rosters_table
    guard = {**keys.waiting_address(entry.org, entry.session, entry.email).stored(), "entry": stored(entry.id)}
    try:
        requests.transact(
            [
                {"Put": {"TableName": rosters, "Item": entry_item(entry), "ConditionExpression": NEW}},
                {"Put": {"TableName": rosters, "Item": guard, "ConditionExpression": NEW}},
                ledger.line_write(entry.org, entry.session, entry.spots, 1),
            ]
        )
    except requests.TransactionFailed as failed:
        if failed.reasons[0] is not None:
            return False
        raise AddressWaits from None
    return True


def leave(entry: Entry, status: EntryStatus) -> Entry:
    """End an entry for good: its address may join again."""
    return _change(entry, replace(entry, status=status), _out_of_line(entry), freeing_address=True)


def move(entry: Entry, place: int) -> Entry:
    """Put an entry elsewhere on the list."""
    return _change(entry, replace(entry, place=place), [])


def hold_back(entry: Entry, why: HeldBack) -> Entry:
    """Leave an entry on the list, without automatic offers: it keeps no spots from the public any more."""
    return _change(entry, replace(entry, status="waiting", held_back=why), _out_of_line(entry))


def return_to_line(entry: Entry, place: int) -> Entry:
    """Let somebody whose offer ran out wait again, at this place."""
    back = replace(entry, status="waiting", place=place)
    return _change(entry, back, [ledger.line_write(entry.org, entry.session, entry.spots, 1)] if back.in_line else [])


def offer(entry: Entry, invitation: Invitation, *, over: str) -> Entry:
    """Give free spots of the invitation's chunk to an entry: hold, invitation and entry change together, or nothing does."""
    hold = Hold(n=invitation.party_size, s="H", v=invitation.nonce, e=int(invitation.expires_at.timestamp()))
    spots = ledger.offer_writes(entry.org, entry.session, invitation.chunk, invitation.id, hold, in_line=entry.in_line)
    offered = replace(entry, status="offered", held_back="", invitation=invitation.id, offers=entry.offers + 1)
    return _change(entry, offered, [*spots, *row_writes(invitation, over=over)])


def adopt(entry: Entry, invitation: str) -> Entry:
    """Take an invitation that staff sent to the same address for the entry's offer."""
    return _change(entry, replace(entry, status="offered", held_back="", invitation=invitation), _out_of_line(entry))


def _out_of_line(entry: Entry) -> Writes:
    return [ledger.line_write(entry.org, entry.session, entry.spots, -1)] if entry.in_line else []


def _change(was: Entry, entry: Entry, also: Writes, *, freeing_address: bool = False) -> Entry:
    seen, values = _as_seen(was)
    row = {
        "TableName": settings().rosters_table,
        "Item": entry_item(entry),
        "ConditionExpression": seen,
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": values,
    }
    try:
        requests.transact([{"Put": row}, *([_free_address(was)] if freeing_address else []), *also])
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None
    return entry


def _as_seen(entry: Entry) -> tuple[str, Item]:
    """Return the condition that the entry is as it was seen: a Put replaces all of it."""
    values = {":status": stored(entry.status), ":offers": stored(entry.offers), ":place": stored(entry.place)}
    conditions = [SAME_STATUS, SAME_OFFER, SAME_PLACE]
    for name, value in (("held_back", entry.held_back), ("invitation", entry.invitation)):
        conditions.append(f"{name} = :{name}" if value else f"attribute_not_exists({name})")
        values |= {f":{name}": stored(value)} if value else {}
    return " AND ".join(conditions), values


def _free_address(entry: Entry) -> dict[str, Any]:
    return {
        "Delete": {
            "TableName": settings().rosters_table,
            "Key": keys.waiting_address(entry.org, entry.session, entry.email).stored(),
            "ConditionExpression": MINE,
            "ExpressionAttributeValues": {":own": stored(entry.id)},
        }
    }
