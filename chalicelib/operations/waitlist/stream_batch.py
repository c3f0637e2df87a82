"""The waitlists of one batch of stream records, each advanced once."""

from datetime import datetime

from chalicelib.operations.waitlist.advance import MOST_OFFERS, advance
from chalicelib.rules.ledger import count
from chalicelib.tables import ledger


class Waitlists:
    """Advances waitlists for one batch of records.

    All changes of a batch were written before it was read, so the first look at a waitlist finds what any of its records tells of. What
    the handling of the batch itself frees has a record of its own, in a later batch.
    """

    def __init__(self) -> None:
        self._advanced: set[tuple[str, str]] = set()
        self._full: set[tuple[str, str]] = set()

    def advance(self, org: str, session: str, *, now: datetime) -> None:
        """Advance a waitlist, unless this batch has done so. One with more offers to make goes on with the next record. Raises Busy."""
        if (org, session) not in self._advanced and advance(org, session, now=now) < MOST_OFFERS:
            self._advanced.add((org, session))

    def advance_if_room(self, org: str, session: str, *, now: datetime) -> None:
        """Advance the waitlist that somebody joined if a spot is free: one that was freed meanwhile has no record that would advance it.

        Raises Busy.
        """
        if (org, session) in self._full | self._advanced:
            return
        if count(ledger.read(org, session), now).free > 0:
            self.advance(org, session, now=now)
        else:
            self._full.add((org, session))
