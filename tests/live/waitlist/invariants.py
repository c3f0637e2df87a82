"""Invariants of a waitlist after the handlers have run."""

from datetime import datetime

from chalicelib.rules.ledger import count, faults
from chalicelib.rules.waitlist import WaitlistEntry, in_order, next_in_line, queue_of
from chalicelib.tables import booking_context, organisations
from tests.live.ledger.scenario import NOW, ORG


def wrongs(session: str, *, now: datetime = NOW) -> list[str]:
    """Return all faults: of the ledger, the counts of the queue, the offers, and free spots without an offer."""
    roster = booking_context.roster(ORG, session)
    found = [f"chunk {chunk.number}: {fault}" for chunk in roster.chunks for fault in faults(chunk)]
    waiting = [entry for entry in roster.waitlist if entry.in_line]
    found += _miscounted(roster, waiting)
    found += _ill_offered(roster, now)
    settings = organisations.get(ORG).waitlist
    order = queue_of(roster.session, settings)
    if settings.auto_offer and now < order.until and not roster.session.cancelled_at:
        idle = next_in_line(waiting, count(roster.chunks, now).free, order)
        found += [f"free spots are not offered to {idle}"] if idle else []
    return found


def _miscounted(roster: booking_context.Roster, waiting: list[WaitlistEntry]) -> list[str]:
    first, sizes = roster.chunks[0], [entry.spots for entry in waiting]
    right = {size: sizes.count(size) for size in sizes}
    unconfirmed = sum(entry.unconfirmed for entry in waiting)
    counted = (first.waiting_parties, dict(first.waiting_by_size), first.unconfirmed_parties) == (len(sizes), right, unconfirmed)
    live = sum(entry.is_live for entry in roster.waitlist)
    if first.live_waitlist_entries != live:
        return [f"{first.live_waitlist_entries} live entries are counted, {live} are there"]
    return [] if counted else [f"{first.waiting_by_size} are counted, {first.unconfirmed_parties} unconfirmed; {right} wait, {unconfirmed}"]


def _ill_offered(roster: booking_context.Roster, now: datetime) -> list[str]:
    """Return offers without spots, live ones without an entry, and addresses with two."""
    holds = roster.holds()
    live = {
        invitation.id: invitation
        for invitation in roster.invitations
        if not invitation.is_closed and invitation.expires_at > now and invitation.id in holds
    }
    has = {entry.invitation for entry in in_order(roster.waitlist) if entry.status == "offered"}
    found = [f"{id} is offered and holds nothing" for id in has if id not in holds]
    found += [f"no entry has the offer {invitation.id}" for invitation in live.values() if invitation.entry and invitation.id not in has]
    addresses = [invitation.email for invitation in live.values()]
    return found + [f"{email} has two offers" for email in set(addresses) if addresses.count(email) > 1]


def assert_settled(session: str, *, now: datetime = NOW, saying: str = "") -> None:
    assert wrongs(session, now=now) == [], saying
