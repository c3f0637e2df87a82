"""One place in line for any of several sessions: an entry and its alternatives, one on each of their waitlists, under one id.

The first of them that gets an offer wins: the others end with it, as `offered_elsewhere`. Until then each waits for itself: it may leave,
be removed or be closed with its session, and the others go on.
"""

from collections.abc import Sequence

from chalicelib.rules.refusals import Conflict
from chalicelib.rules.translation import N_

MOST_SESSIONS = 10
"""So many sessions one party may wait for at once: the offer of one ends all other places in one transaction."""
SENTENCES = {
    "spots_are_free": N_("“%(title)s” has enough free spots: book it now, or wait without it."),
    "more_than_the_session": N_("“%(title)s” has fewer spots than you want in all. Wait without it, or for fewer spots."),
    "already_waiting": N_("This address is already on the waitlist of “%(title)s”. Wait without it, or leave that waitlist first."),
}
CLOSED = N_("“%(title)s” has no open waitlist any more. Wait without it.")


class CannotWaitFor(Conflict):
    """One of the other sessions cannot be waited for, so nothing is written. `because` is the code of the refusal there."""

    code = "cannot_wait_for"

    def __init__(self, session: str, title: str, because: str) -> None:
        self.session = session
        self.title = title
        self.because = because

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return SENTENCES.get(self.because, CLOSED)


def sessions_of(first: str, others: Sequence[str]) -> tuple[str, ...]:
    """Return the sessions that a party waits for, each once, the first one first; empty when it is the only one."""
    every = tuple(dict.fromkeys((first, *others)))
    return every if len(every) > 1 else ()
