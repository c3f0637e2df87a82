"""The waitlist of a session: who waits, in which order, who is next, and why somebody has no offer.

An offer is an invitation with a timed hold. What becomes of it moves its entry: accepted and declined end it, run out puts it at the
bottom, taken back by staff leaves it on the list without any more automatic offers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from chalicelib.rules import organisations
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.sessions import Session

EntryStatus = Literal["waiting", "offered", "accepted", "declined", "left", "removed", "closed"]
HeldBack = Literal["", "revoked", "suppressed"]
Outcome = Literal["accepted", "declined", "expired", "revoked"]
Reason = Literal[
    "has_an_offer",
    "session_over",
    "revoked",
    "suppressed",
    "offers_are_off",
    "past_the_cutoff",
    "nothing_free",
    "party_too_large",
    "behind_the_first",
    "others_come_first",
    "about_to_leave",
]
STEPS_A_MICROSECOND = 10**18
"""Places lie as close as this, so that an entry fits between any two that joined one after the other."""


class SpotsAreFree(Refusal):
    """Nobody needs to wait for what can be had."""

    code = "spots_are_free"

    def __init__(self, free: int) -> None:
        self.free = free

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return marked("1 spot is free: book now instead of waiting.") if self.free == 1 else marked("%(free)d spots are free: book now.")


class AlreadyWaiting(Refusal):
    code = "already_waiting"
    sentence = marked("This address is on the waitlist of this session already. An e-mail with its place was sent to it.")


class WaitlistClosed(Refusal):
    code = "waitlist_closed"
    sentence = marked("It is too late to join the waitlist: the session is about to begin. Ask the organiser directly.")


class MoreThanTheSession(Refusal):
    code = "more_than_the_session"
    sentence = marked("The session has only %(total)d spots in all. Wait for fewer.")

    def __init__(self, total: int) -> None:
        self.total = total


class NotWaiting(Refusal):
    code = "not_waiting"
    sentence = marked("This entry does not wait any more. Reload the waitlist to see what became of it.")


class HasAnOffer(Refusal):
    code = "has_an_offer"
    sentence = marked("This entry has an offer already. Wait for the answer, or take the offer back first.")


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on the waitlist. The earliest place is the first in line."""

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
    """Why no offer is made by itself any more."""
    invitation: str = ""
    """The offer that it has, or had last."""
    offers: int = 0
    """How many it ever had."""
    by_staff: bool = False
    """Whether staff put them there."""

    @property
    def in_line(self) -> bool:
        """Whether it waits for an offer that is made by itself: such entries keep free spots from the public."""
        return self.status == "waiting" and not self.held_back

    @property
    def live(self) -> bool:
        return self.status in {"waiting", "offered"}


class Line(NamedTuple):
    """How the line works: in strict order nobody passes the first; and until when it matters."""

    strict: bool
    until: datetime


def line(session: Session, settings: organisations.Waitlist) -> Line:
    """Return how the line of this session works: until so many hours before its last meeting."""
    return Line(settings.mode == "strict", session.last_starts_at - timedelta(hours=settings.cutoff_hours))


def reserved(waiting: Mapping[int, int], free: int, line: Line, now: datetime) -> bool:
    """Whether the free spots are kept from the public, given how many parties of each size are in line.

    In strict order all are; otherwise only while they are enough for somebody.
    """
    if now >= line.until or not waiting:
        return False
    return line.strict or min(waiting) <= free


def place_at(moment: datetime) -> int:
    """Return the place of somebody who comes at this moment."""
    return int(moment.timestamp() * 1_000_000) * STEPS_A_MICROSECOND


def bottom(entries: Iterable[Entry], now: datetime) -> int:
    """Return a place behind everybody."""
    return max([place_at(now), *(entry.place + STEPS_A_MICROSECOND for entry in entries)])


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted((entry for entry in entries if entry.live), key=lambda entry: (entry.place, entry.id))


class Place(NamedTuple):
    """Somebody on the list, how many are before it (itself counted), and the offer that it has."""

    entry: Entry
    position: int
    offer: Invitation | None


def placed(entries: Iterable[Entry], offers: Iterable[Invitation]) -> list[Place]:
    """Return those on the list in order, each with its offer."""
    named = {offer.id: offer for offer in offers}
    return [
        Place(entry, position, named.get(entry.invitation) if entry.status == "offered" else None)
        for position, entry in enumerate(in_order(entries), start=1)
    ]


def moved_to(entries: Sequence[Entry], entry: Entry, position: int) -> int:
    """Return the place that makes an entry the one at this position, counted from 1; beyond the end is the end."""
    others = [other.place for other in in_order(entries) if other.id != entry.id]
    if not others:
        return entry.place
    at = max(0, min(position - 1, len(others)))
    if at == 0:
        return others[0] - STEPS_A_MICROSECOND
    if at == len(others):
        return others[-1] + STEPS_A_MICROSECOND
    return (others[at - 1] + others[at]) // 2


def awaited(entries: Iterable[Entry], free: int, line: Line) -> Entry | None:
    """Return whom the free spots are for: in strict order the first, even if they are too few for it; None when there is nobody."""
    waiting = [entry for entry in in_order(entries) if entry.in_line]
    if line.strict:
        return waiting[0] if waiting and free else None
    return next((entry for entry in waiting if entry.spots <= free), None)


def next_in_line(entries: Iterable[Entry], free: int, line: Line) -> Entry | None:
    """Return who gets the free spots; None when nobody may or fits."""
    following = awaited(entries, free, line)
    return following if following and following.spots <= free else None


def outcome(invitation: Invitation | None, hold: Hold | None = None) -> Outcome | None:
    """Return what became of an offer; None while it stands. One whose row is gone was taken back.

    Whether it was accepted is the ledger's to say: the row may yet tell that it ran out while it was accepted.
    """
    if invitation is None:
        return "revoked"
    if invitation.registration or (hold and hold.s == "C" and hold.v == invitation.nonce):
        return "accepted"
    return "revoked" if invitation.ended == "cancelled" else invitation.ended


class Why(NamedTuple):
    """Why an entry has no offer, or what it waits for."""

    entry: Entry
    position: int
    reason: Reason


WHY: dict[Reason, str] = {
    "has_an_offer": marked("Has an offer: the spots are held until it is answered or runs out."),
    "session_over": marked("The session is over or cancelled."),
    "revoked": marked("You took the offer back, so no other is made by itself. Invite by hand if you change your mind."),
    "suppressed": marked("E-mails to this address come back, so an offer would not arrive. Correct the address, or call."),
    "offers_are_off": marked("Offers are made by hand: they are turned off in the settings."),
    "past_the_cutoff": marked("It is too late for an offer by itself: the session begins soon. Invite by hand if it still makes sense."),
    "about_to_leave": marked("Is next: the offer is on its way."),
    "nothing_free": marked("No spot is free."),
    "behind_the_first": marked("Spots go in strict order, and somebody before still waits."),
    "party_too_large": marked("Needs more spots than are free now."),
    "others_come_first": marked("Somebody before gets what is free."),
}
"""Each reason as a sentence for staff."""


class Circumstances(NamedTuple):
    """What decides whether offers go out on a session. `suppressed` are addresses that get no e-mail."""

    over: bool
    auto_offer: bool
    free: int
    line: Line
    suppressed: set[str]
    now: datetime


def why(entries: Iterable[Entry], about: Circumstances) -> Iterator[Why]:
    """Say of everybody on the list, in order, why no offer went out."""
    ordered = in_order(entries)
    for position, entry in enumerate(ordered, start=1):
        yield Why(entry, position, _apart(entry, about) or _in_line(entry, ordered, about))


def _apart(entry: Entry, about: Circumstances) -> Reason | None:
    """Return why an entry gets no offer whatever is free and whoever is before it."""
    reasons: list[tuple[Reason, bool]] = [
        ("has_an_offer", entry.status == "offered"),
        ("session_over", about.over),
        ("revoked", entry.held_back == "revoked"),
        ("suppressed", entry.held_back == "suppressed" or entry.email in about.suppressed),
        ("offers_are_off", not about.auto_offer),
        ("past_the_cutoff", about.now >= about.line.until),
    ]
    return next((reason for reason, applies in reasons if applies), None)


def _in_line(entry: Entry, ordered: list[Entry], about: Circumstances) -> Reason:
    following = next_in_line(ordered, about.free, about.line)
    first = next(other for other in ordered if other.in_line)
    reasons: list[tuple[Reason, bool]] = [
        ("about_to_leave", entry is following),
        ("nothing_free", about.free == 0),
        ("behind_the_first", about.line.strict and entry is not first),
        ("party_too_large", entry.spots > about.free),
    ]
    return next((reason for reason, applies in reasons if applies), "others_come_first")
