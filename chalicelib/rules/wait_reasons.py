"""Why an entry of a waitlist has no offer: one reason for each entry, as a sentence for staff."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from chalicelib.rules.translation import N_
from chalicelib.rules.waitlist import Queue, WaitlistEntry, in_order, next_in_line

NoOfferReason = Literal[
    "has_an_offer",
    "session_over",
    "revoked",
    "suppressed",
    "unanswered",
    "offers_are_off",
    "registration_closed",
    "past_the_cutoff",
    "nothing_free",
    "party_too_large",
    "behind_the_first",
    "others_come_first",
    "about_to_leave",
]


class WaitReason(NamedTuple):
    """The reason why an entry has no offer, with its position."""

    entry: WaitlistEntry
    position: int
    reason: NoOfferReason


WHY: dict[NoOfferReason, str] = {
    "has_an_offer": N_("Has an offer: the spots are held until it is answered or runs out."),
    "session_over": N_("The session is over or cancelled."),
    "revoked": N_("You took the offer back, so no other follows automatically. Invite manually if you change your mind."),
    "suppressed": N_("E-mails to this address bounce, so an offer would not arrive. Correct the address, or call."),
    "unanswered": N_("Two offers were not answered, and the address is not confirmed. Offer a spot by hand if you know the person."),
    "offers_are_off": N_("Automatic offers are turned off in the settings."),
    "registration_closed": N_("Registration is closed, so no offer is made automatically. Invite manually if it still makes sense."),
    "past_the_cutoff": N_("It is too late for an automatic offer: the session begins soon. Invite manually if it still makes sense."),
    "about_to_leave": N_("Next in line: the offer is being sent."),
    "nothing_free": N_("No spot is free."),
    "behind_the_first": N_("Strict order: someone ahead is still waiting."),
    "party_too_large": N_("Needs more spots than are free now."),
    "others_come_first": N_("Offered to someone ahead."),
}
"""Each reason as a sentence for staff."""


class Circumstances(NamedTuple):
    """The facts that decide about automatic offers on a session. `suppressed`: addresses that cannot receive e-mail."""

    session_over: bool
    registration_closed: bool
    auto_offer: bool
    free: int
    queue: Queue
    suppressed: set[str]
    now: datetime


def wait_reasons(entries: Iterable[WaitlistEntry], about: Circumstances) -> Iterator[WaitReason]:
    """Yield the reason for which each live entry, in order, has no offer."""
    ordered = in_order(entries)
    for position, entry in enumerate(ordered, start=1):
        yield WaitReason(entry, position, _apart(entry, about) or _in_line(entry, ordered, about))


def _apart(entry: WaitlistEntry, about: Circumstances) -> NoOfferReason | None:
    """Return why an entry gets no offer, regardless of free spots and of entries before it; None when nothing prevents one."""
    reasons: list[tuple[NoOfferReason, bool]] = [
        ("has_an_offer", entry.status == "offered"),
        ("session_over", about.session_over),
        ("revoked", entry.held_back == "revoked"),
        ("suppressed", entry.held_back == "suppressed" or entry.email in about.suppressed),
        ("unanswered", entry.held_back == "unanswered"),
        ("offers_are_off", not about.auto_offer),
        ("registration_closed", about.registration_closed),
        ("past_the_cutoff", about.now >= about.queue.until),
    ]
    return next((reason for reason, applies in reasons if applies), None)


def _in_line(entry: WaitlistEntry, ordered: list[WaitlistEntry], about: Circumstances) -> NoOfferReason:
    next_entry = next_in_line(ordered, about.free, about.queue)
    first = next((other for other in ordered if other.in_line and not other.unconfirmed), entry)
    reasons: list[tuple[NoOfferReason, bool]] = [
        ("about_to_leave", entry is next_entry),
        ("nothing_free", about.free == 0),
        ("behind_the_first", about.queue.strict and _is_before(first, entry, ordered)),
        ("party_too_large", entry.spots > about.free),
    ]
    return next((reason for reason, applies in reasons if applies), "others_come_first")


def _is_before(first: WaitlistEntry, entry: WaitlistEntry, ordered: list[WaitlistEntry]) -> bool:
    return ordered.index(first) < ordered.index(entry)
