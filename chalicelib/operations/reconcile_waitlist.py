"""The counts of a waitlist on its session's ledger, compared with its entries."""

from collections import Counter
from collections.abc import Iterator

from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import ledger, waitlist
from chalicelib.tables.booking_context import Roster


def is_miscounted(roster: Roster) -> bool:
    """Whether the ledger counts other parties in line, or another number of live entries, than there are."""
    first, (sizes, unconfirmed) = roster.chunks[0], _in_line(roster)
    if (dict(first.waiting_by_size), first.waiting_parties, first.unconfirmed_parties) != (sizes, sizes.total(), unconfirmed):
        return True
    return first.live_waitlist_entries is not None and first.live_waitlist_entries != _live(roster)


def recount(roster: Roster) -> None:
    """Correct the counts, unless they have changed since they were read: then the next run does."""
    sizes, unconfirmed = _in_line(roster)
    ledger.recount_queue(roster.session.org, roster.session.id, roster.chunks[0], sizes, unconfirmed, live=_live(roster))


def count_first(roster: Roster) -> None:
    """Count the live entries where an earlier version has not: that is no drift."""
    if roster.chunks[0].live_waitlist_entries is None:
        recount(roster)


def waiting_beside_an_offer(roster: Roster) -> Iterator[WaitlistEntry]:
    """Yield the places whose alternative has won: it should have ended them."""
    for entry in roster.waitlist:
        if entry.status == "waiting" and any(one.status in {"offered", "accepted"} for one in waitlist.list_alternatives(entry)):
            yield entry


def _in_line(roster: Roster) -> tuple[Counter[int], int]:
    """Return the parties in line by size, and how many of them have an unconfirmed address."""
    waiting = [entry for entry in roster.waitlist if entry.in_line]
    return Counter(entry.spots for entry in waiting), sum(entry.unconfirmed for entry in waiting)


def _live(roster: Roster) -> int:
    return sum(entry.is_live for entry in roster.waitlist)
