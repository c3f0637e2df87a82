"""The waitlist of a session: its entries, their order, and the next offer.

An offer is an invitation with a timed hold. Its outcome moves the entry: accepted and declined offers end it, an expired one moves it to
the bottom, and one that staff revoke keeps it on the list without further automatic offers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from chalicelib.rules import organisations
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import Conflict, Invalid
from chalicelib.rules.sessions import Session
from chalicelib.rules.translation import N_

EntryStatus = Literal["waiting", "offered", "accepted", "declined", "left", "removed", "closed", "offered_elsewhere"]
HeldBack = Literal["", "revoked", "suppressed", "unanswered"]
OfferOutcome = Literal["accepted", "declined", "expired", "revoked"]
UNANSWERED_OFFERS = 2
"""So many offers to an address that nobody has confirmed may run out; then it gets no more automatic ones."""
STEPS_A_MICROSECOND = 10**18
"""Places lie as close as this, so that an entry fits between any two that joined one after the other."""


class SpotsAreFree(Conflict):
    """The spots can be booked now, so there is no need to wait."""

    code = "spots_are_free"

    def __init__(self, free: int) -> None:
        self.free = free

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return N_("1 spot is free: book now instead of waiting.") if self.free == 1 else N_("%(free)d spots are free: book now.")


class AlreadyWaiting(Conflict):
    code = "already_waiting"
    sentence = N_("This address is already on the waitlist of this session. See the e-mail with its place.")


class WaitlistClosed(Conflict):
    code = "waitlist_closed"
    sentence = N_("It is too late to join this waitlist. Ask the organiser directly.")


class MoreThanCapacity(Invalid):
    code = "more_than_the_session"
    sentence = N_("The session has only %(total)d spots in all. Wait for fewer.")

    def __init__(self, total: int) -> None:
        self.total = total


class EntryEnded(Conflict):
    code = "not_waiting"
    sentence = N_("This entry does not wait any more. Reload the waitlist to see its status.")


class AlreadyOffered(Conflict):
    code = "has_an_offer"
    sentence = N_("This entry has an offer already. Wait for the answer, or take the offer back first.")


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """An entry of the waitlist. Entries are ordered by `place`, the lowest first."""

    org: str
    session: str
    id: str
    email: str
    name: str
    spots: int
    place: int
    joined_at: datetime
    locale: str
    status: EntryStatus = "waiting"
    held_back: HeldBack = ""
    """Why the entry gets no automatic offers any more."""
    invitation: str = ""
    """The id of its current or last offer."""
    offers: int = 0
    """The number of offers that it ever had."""
    link_version: int = 1
    """The version of the link to its place. It rises when the address is corrected, so that the wrong recipient's link ends."""
    by_staff: bool = False
    """Whether staff added the entry."""
    silent: bool = False
    """Whether no e-mail confirms the place: the address has joined this waitlist too often today."""

    unconfirmed: bool = False
    """Whether nobody has confirmed the address. The entry keeps its place and gets its offer, but spots wait for it only while they are
    enough for it.
    """

    vouched: bool = False
    """Whether it counts as confirmed because its address is known. Only the link in the e-mail tells that, not the answer to joining."""

    any_of: tuple[str, ...] = ()
    """The sessions that the party joined at once, this one included, if there were several: the first offer ends its other places."""

    first_position: int = 0
    """Its position when it joined, as it was told. 0 if that was not known, or once it has another place or another address."""

    @property
    def public_id(self) -> str:
        """The id in URLs and answers."""
        return public_id(self.session, self.id)

    @property
    def others(self) -> tuple[str, ...]:
        """The other sessions that the party joined at once, whether it still waits there or not."""
        return tuple(session for session in self.any_of if session != self.session)

    @property
    def everywhere(self) -> list["WaitlistEntry"]:
        """The entry as it joins: one for each of its sessions, under the same id."""
        return [replace(self, session=session) for session in self.any_of or (self.session,)]

    @property
    def in_line(self) -> bool:
        """Whether it waits for an automatic offer. Such entries keep free spots from the public."""
        return self.status == "waiting" and not self.held_back

    @property
    def is_live(self) -> bool:
        return self.status in {"waiting", "offered"}


class Queue(NamedTuple):
    """The rules of the queue: `strict` keeps the order even when the first entry does not fit; offers are made `until` a moment.

    `automatic`: they are made without staff.
    """

    strict: bool
    until: datetime
    automatic: bool = True


def queue_of(session: Session, settings: organisations.WaitlistSettings) -> Queue:
    """Return the session's queue. It ends when registration closes, or `cutoff_hours` before the last meeting if that is earlier."""
    cutoff = session.last_starts_at - timedelta(hours=settings.cutoff_hours)
    return Queue(settings.mode == "strict", min(cutoff, session.registration_closes_at), settings.auto_offer)


def reserved(waiting: Mapping[int, int], free: int, queue: Queue, now: datetime, *, unconfirmed: int = 0) -> bool:
    """Whether the free spots are kept from the public.

    `waiting`: party size → number of parties in line; `unconfirmed`: how many of them have an address that nobody has confirmed. In strict
    order they always are; otherwise, and for unconfirmed parties, only while they are enough for one of the parties, so that it is about to
    get an offer.
    """
    if now >= queue.until or not waiting:
        return False
    confirmed = sum(waiting.values()) > unconfirmed
    if queue.strict and confirmed:
        return True
    return (confirmed or queue.automatic) and min(waiting) <= free


def place_at(moment: datetime) -> int:
    """Return the place of an entry added at this moment."""
    return int(moment.timestamp() * 1_000_000) * STEPS_A_MICROSECOND


def last_place(entries: Iterable[WaitlistEntry], now: datetime) -> int:
    """Return a place behind all entries."""
    return max([place_at(now), *(entry.place + STEPS_A_MICROSECOND for entry in entries)])


def in_order(entries: Iterable[WaitlistEntry]) -> list[WaitlistEntry]:
    return sorted((entry for entry in entries if entry.is_live), key=lambda entry: (entry.place, entry.id))


def position_of(entry_id: str, entries: Iterable[WaitlistEntry]) -> int:
    """Return the entry's position, counted from 1; 0 when it is not on the list any more."""
    return next((position for position, entry in enumerate(in_order(entries), start=1) if entry.id == entry_id), 0)


class PlaceInLine(NamedTuple):
    """An entry with its position, counted from 1, and its offer."""

    entry: WaitlistEntry
    position: int
    offer: Invitation | None


def placed(entries: Iterable[WaitlistEntry], offers: Iterable[Invitation]) -> list[PlaceInLine]:
    """Return the live entries in order, each with its offer or None."""
    named = {offer.id: offer for offer in offers}
    return [
        PlaceInLine(entry, position, named.get(entry.invitation) if entry.status == "offered" else None)
        for position, entry in enumerate(in_order(entries), start=1)
    ]


def place_for_position(entries: Sequence[WaitlistEntry], entry: WaitlistEntry, position: int) -> int:
    """Return the place that moves the entry to `position`, counted from 1; a position beyond the end means the end."""
    others = [other.place for other in in_order(entries) if other.id != entry.id]
    if not others:
        return entry.place
    at = max(0, min(position - 1, len(others)))
    if at == 0:
        return others[0] - STEPS_A_MICROSECOND
    if at == len(others):
        return others[-1] + STEPS_A_MICROSECOND
    return (others[at - 1] + others[at]) // 2


def entry_with_reserved_spots(entries: Iterable[WaitlistEntry], free: int, queue: Queue) -> WaitlistEntry | None:
    """Return the entry for which the free spots are kept, or None.

    In strict order it is the first, even if it does not fit, unless its address is unconfirmed: then the order goes on behind it.
    """
    waiting = [entry for entry in in_order(entries) if entry.in_line]
    if queue.strict:
        return next((entry for entry in waiting if entry.spots <= free or not entry.unconfirmed), None) if free else None
    return next((entry for entry in waiting if entry.spots <= free), None)


def next_in_line(entries: Iterable[WaitlistEntry], free: int, queue: Queue) -> WaitlistEntry | None:
    """Return the entry that gets the next offer; None when no entry is in line or fits."""
    next_entry = entry_with_reserved_spots(entries, free, queue)
    return next_entry if next_entry and next_entry.spots <= free else None


def outcome(invitation: Invitation | None, hold: Hold | None = None) -> OfferOutcome | None:
    """Return the outcome of an offer; None while it is open. An offer without a row was revoked.

    The ledger decides whether it was accepted: the row may say that it expired although it was accepted in time.
    """
    if invitation is None:
        return "revoked"
    if invitation.registration or (hold and hold.is_taken and hold.is_for(invitation)):
        return "accepted"
    return "revoked" if invitation.ended == "cancelled" else invitation.ended
