"""Writes of waitlist entries. Each requires the entry to be unchanged, and changes the ledger's counts of the queue with it.

Every function that changes an entry raises ChangedMeanwhile, with nothing changed, when the entry has changed since it was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.config import config
from chalicelib.rules.addresses import compared
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold
from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.waitlist import EntryStatus, HeldBack, WaitlistEntry
from chalicelib.rules.waitlist_positions import Ahead
from chalicelib.tables import dynamodb, keys, ledger, messages
from chalicelib.tables.conditions import NEW, Condition, equals, unchanged
from chalicelib.tables.dynamodb import Writes
from chalicelib.tables.invitations import InvitationGuards, row_writes
from chalicelib.tables.items import stored
from chalicelib.tables.saves import save_write
from chalicelib.tables.waitlist.rows import ENTRIES, INDEXED, entry_item

WRITES_TO_JOIN = 3
"""Row, guard and count of one entry."""


class AddressWaits(Exception):
    """The address has another live entry on these sessions."""

    def __init__(self, *sessions: str) -> None:
        self.sessions = sessions


def join(
    entry: WaitlistEntry, *, ahead: Mapping[str, Ahead] | None = None, without: Sequence[str] = (), others: Sequence[str] = ()
) -> WaitlistEntry | None:
    """Write a new entry on each of its sessions, count it into their queues, and return it. None when the same request did so before.

    `ahead`: by session, who is counted before it, from which it has its position; `without`: sessions of it to leave out; `others`: the
    other addresses of the customer. Raises AddressWaits, with nothing written, when one of the customer's addresses waits.
    """
    places = [_numbered(place, ahead or {}) for place in entry.everywhere if place.session not in without]
    checked = others[: dynamodb.MOST_WRITES // len(places) - WRITES_TO_JOIN]  # A customer has two or three; no more fit one transaction.
    writes = [_join_writes(place, checked) for place in places]
    try:
        dynamodb.transact(write for some in writes for write in some)
    except dynamodb.TransactionFailed as failed:
        size = len(writes[0])
        reasons = {place.session: failed.reasons[at * size : (at + 1) * size] for at, place in enumerate(places)}
        if any(row is not None for row, *_ in reasons.values()):
            return None
        raise AddressWaits(*(session for session, some in reasons.items() if any(one is not None for one in some))) from None
    return places[0]


def _numbered(place: WaitlistEntry, ahead: Mapping[str, Ahead]) -> WaitlistEntry:
    return replace(place, first_position=ahead[place.session].position) if place.session in ahead else place


def _join_writes(entry: WaitlistEntry, others: Sequence[str]) -> Writes:
    rosters = config().rosters_table
    guard = {**keys.waitlist_address(entry.org, entry.session, entry.email).stored(), "entry": stored(entry.id)}
    return [
        dynamodb.put_write(rosters, entry_item(entry), NEW),
        dynamodb.put_write(rosters, guard, NEW),
        _in_line_write(entry, 1, live=1),
        *(dynamodb.check(rosters, keys.waitlist_address(entry.org, entry.session, email), NEW) for email in others),
    ]


def leave(entry: WaitlistEntry, status: EntryStatus) -> WaitlistEntry:
    """End an entry for good. Its address may join again."""
    return _change(entry, replace(entry, status=status), _out_of_list(entry), freeing_address=True)


def readdress(entry: WaitlistEntry, email: str) -> WaitlistEntry:
    """Give a live entry the address that staff have corrected, and its link a new version; it counts as confirmed: staff vouch for it.

    Raises AddressWaits when the address has another live entry.
    """
    sure, counted = _confirmed(entry)
    moved = replace(sure, email=email, link_version=entry.link_version + 1, silent=False, vouched=False, first_position=0)
    if compared(email) == compared(entry.email):
        return _change(entry, moved, counted)
    taken = {**keys.waitlist_address(entry.org, entry.session, email).stored(), "entry": stored(entry.id)}
    take = dynamodb.put_write(config().rosters_table, taken, NEW | equals("entry", entry.id))
    if dynamodb.get(config().rosters_table, keys.waitlist_address(entry.org, entry.session, email)):
        raise AddressWaits
    return _change(entry, moved, [take, *counted], freeing_address=True)


def move(entry: WaitlistEntry, place: int) -> WaitlistEntry:
    """Move an entry to another place on the list."""
    return _change(entry, replace(entry, place=place, first_position=0), [])


def hold_back(entry: WaitlistEntry, why: HeldBack) -> WaitlistEntry:
    """Keep an entry on the list without automatic offers. It no longer keeps spots from the public."""
    return _change(entry, replace(entry, status="waiting", held_back=why), _out_of_line(entry))


def let_back(entry: WaitlistEntry) -> WaitlistEntry:
    """Return an entry that was held back because it could not be reached to the queue, at its place. Any other entry stays as it is."""
    if entry.status != "waiting" or entry.held_back != "suppressed":
        return entry
    return _change(entry, replace(entry, held_back=""), [_in_line_write(entry, 1)])


def confirm(entry: WaitlistEntry) -> WaitlistEntry:
    """Note that the address is confirmed. An entry that was held back for unanswered offers is in line again, at its place."""
    return _change(entry, *_confirmed(entry))


def _confirmed(entry: WaitlistEntry) -> tuple[WaitlistEntry, Writes]:
    """Return the entry as it is once its address is confirmed, with the writes that count it so. Confirmed already: nothing differs."""
    if not entry.unconfirmed:
        return entry, []
    confirmed = replace(entry, unconfirmed=False)
    if entry.held_back == "unanswered":
        back = replace(confirmed, held_back="")
        return back, [_in_line_write(back, 1)]
    return confirmed, [ledger.confirm_write(entry.org, entry.session)] if entry.in_line else []


def return_to_line(entry: WaitlistEntry, place: int) -> WaitlistEntry:
    """Return an entry whose offer expired to the queue, at this place."""
    back = replace(entry, status="waiting", place=place, first_position=0)
    return _change(entry, back, [_in_line_write(entry, 1)] if back.in_line else [])


def offer(
    entry: WaitlistEntry,
    invitation: Invitation,
    *,
    guarded: InvitationGuards,
    alternatives: Sequence[WaitlistEntry] = (),
    message: Message | None = None,
) -> WaitlistEntry:
    """Offer free spots of the invitation's chunk to an entry: hold, invitation and entry change in one transaction.

    Its live alternatives end in the same transaction, and the message is queued by it.
    """
    hold = Hold(spots=invitation.party_size, state="held", nonce=invitation.nonce, expires_at=int(invitation.expires_at.timestamp()))
    spots = ledger.offer_writes(
        entry.org, entry.session, invitation.chunk, invitation.id, hold, in_line=entry.in_line, unconfirmed=entry.unconfirmed
    )
    offered = replace(entry, status="offered", held_back="", invitation=invitation.id, offers=entry.offers + 1)
    message_writes = [messages.add_write(message)] if message else []
    return _change(entry, offered, [*spots, *row_writes(invitation, guarded=guarded), *message_writes, *_ends(alternatives)])


def adopt(entry: WaitlistEntry, invitation: str, *, alternatives: Sequence[WaitlistEntry] = ()) -> WaitlistEntry:
    """Make an invitation that staff sent to the same address the entry's offer. Its live alternatives end in the same transaction."""
    offered = replace(entry, status="offered", held_back="", invitation=invitation)
    return _change(entry, offered, [*_out_of_line(entry), *_ends(alternatives)])


def _in_line_write(entry: WaitlistEntry, by: int, *, live: int = 0) -> dict[str, Any]:
    return ledger.queue_write(entry.org, entry.session, entry.spots, by, unconfirmed=entry.unconfirmed, live=live)


def _out_of_line(entry: WaitlistEntry) -> Writes:
    return [_in_line_write(entry, -1)] if entry.in_line else []


def _out_of_list(entry: WaitlistEntry) -> Writes:
    """Return the write that counts a live entry out for good, and out of the queue if it is in line."""
    if entry.in_line:
        return [_in_line_write(entry, -1, live=-1)]
    return [ledger.live_write(entry.org, entry.session, -1)]


def _ends(alternatives: Sequence[WaitlistEntry]) -> Writes:
    """Return the writes that end the places in other lines, each as it was seen, so that two offers at one moment are only one."""
    return [write for one in alternatives for write in _ends_one(one)]


def _ends_one(entry: WaitlistEntry) -> Writes:
    row = dynamodb.put_write(config().rosters_table, entry_item(replace(entry, status="offered_elsewhere")), as_seen(entry))
    return [row, _free_address(entry), *_out_of_list(entry)]


def _change(was: WaitlistEntry, entry: WaitlistEntry, also: Writes, *, freeing_address: bool = False) -> WaitlistEntry:
    row = save_write(config().rosters_table, entry_item(entry), ENTRIES.attributes | INDEXED, as_seen(was))
    try:
        dynamodb.transact([row, *([_free_address(was)] if freeing_address else []), *also])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None
    return entry


def as_seen(entry: WaitlistEntry) -> Condition:
    """The entry is unchanged since it was read, because a Put replaces all of it."""
    same_offer = equals("offers", entry.offers) & unchanged("invitation", entry.invitation)
    return (
        same_status(entry)
        & same_offer
        & equals("place", entry.place)
        & unchanged("held_back", entry.held_back)
        & unchanged("unconfirmed", entry.unconfirmed)
    ) & equals("email", entry.email)


def same_status(entry: WaitlistEntry) -> Condition:
    return equals("status", entry.status)


def _free_address(entry: WaitlistEntry) -> dict[str, Any]:
    key = keys.waitlist_address(entry.org, entry.session, entry.email)
    return dynamodb.delete_write(config().rosters_table, key, equals("entry", entry.id))
