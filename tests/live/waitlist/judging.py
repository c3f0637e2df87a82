"""What must be true of a waitlist once the handlers have run, whatever happened before."""

from datetime import datetime

from chalicelib.rules.ledger import count, faults
from chalicelib.rules.waitlist import Entry, in_order, line, next_in_line
from chalicelib.tables import organisations, rosters
from tests.live.ledger.scene import NOW, ORG


def wrongs(session: str, *, now: datetime = NOW) -> list[str]:
    """Return all that is not as it must be: the ledger's law, the counts of the line, the offers, and free spots that nobody gets."""
    roster = rosters.roster(ORG, session)
    found = [f"chunk {chunk.number}: {fault}" for chunk in roster.chunks for fault in faults(chunk)]
    waiting = [entry for entry in roster.waitlist if entry.in_line]
    found += _miscounted(roster, waiting)
    found += _ill_offered(roster, now)
    settings = organisations.get(ORG).waitlist
    order = line(roster.session, settings)
    if settings.auto_offer and now < order.until and not roster.session.cancelled_at:
        idle = next_in_line(waiting, count(roster.chunks, now).free, order)
        found += [f"free spots are not offered to {idle}"] if idle else []
    return found


def _miscounted(roster: rosters.Roster, waiting: list[Entry]) -> list[str]:
    first, sizes = roster.chunks[0], [entry.spots for entry in waiting]
    right = {size: sizes.count(size) for size in sizes}
    return [] if (first.waits, dict(first.waiting)) == (len(sizes), right) else [f"{first.waiting} are counted, {right} wait"]


def _ill_offered(roster: rosters.Roster, now: datetime) -> list[str]:
    """Return offers without their spots, live ones that no entry has, and addresses that have two."""
    holds = roster.holds()
    live = {own.id: own for own in roster.invitations if not own.over and own.expires_at > now and own.id in holds}
    has = {entry.invitation for entry in in_order(roster.waitlist) if entry.status == "offered"}
    found = [f"{own} is offered and holds nothing" for own in has if own not in holds]
    found += [f"nobody has the offer {own.id}" for own in live.values() if own.entry and own.id not in has]
    addresses = [own.email for own in live.values()]
    return found + [f"{email} has two offers" for email in set(addresses) if addresses.count(email) > 1]


def assert_settled(session: str, *, now: datetime = NOW, saying: str = "") -> None:
    assert wrongs(session, now=now) == [], saying
