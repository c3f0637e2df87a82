"""Invariants of codes and ledgers: no use without spots, no spots without a use, none too many, none lost."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from chalicelib.operations import codes
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.rules.codes import Code, CodeSpent, NothingToReturn
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import codes as table
from tests.live.codes.load import BookableSession, CodeBooking, Party
from tests.live.codes.scenario import booked, seen
from tests.live.ledger.invariants import Verdict, Watch
from tests.live.ledger.load import ClientLog
from tests.live.ledger.scenario import NOW, ORG, forget_full, holds_of, spots_of

MUCH_LATER = NOW + timedelta(days=1)


class CodesWatch(Watch):
    """Checks codes in addition to the ledger."""

    def __init__(self, session: str, watched: Sequence[str]) -> None:
        super().__init__(session, may_owe=False)
        self.watched = list(watched)

    def check(self) -> list[str]:
        return [*super().check(), *(breach for code in table.find(ORG, self.watched) for breach in faults(code))]


def faults(code: Code) -> list[str]:
    """Return the faults of a code: remaining and used must add up to the maximum, and neither be negative."""
    used = sum(use.redemptions for use in code.uses.values())
    found = [] if code.left + used == code.max_redemptions else [f"{code.code} has {code.left} left, {used} used of {code.max_redemptions}"]
    return found + ([f"{code.code} was used {-code.left} times too often"] if code.left < 0 else [])


def settled(sessions: Sequence[str], typed: Sequence[str], *, now: datetime = MUCH_LATER) -> None:
    """Run the follow-up work: crashed bookings are reclaimed, and staff return the uses of removed ones."""
    for session in sessions:
        reconcile_session(ORG, session, now=now, repair=True)
        assert reconcile_session(ORG, session, now=now, repair=False) == []
    for code in typed:
        try:
            codes.return_code(ORG, seen(code).contract, code, now=now)
        except NothingToReturn:
            continue


def unlike(sessions: Sequence[str], typed: Sequence[str], *, now: datetime = MUCH_LATER) -> list[str]:
    """Return the differences between uses and spots after the follow-up work."""
    found = [fault for code in typed for fault in faults(seen(code))]
    used = {(use.session, name): use.redemptions for code in typed for name, use in seen(code).uses.items()}
    taken = {(session, name): hold.spots for session in sessions for name, hold in holds_of(session).items() if hold.is_live(now)}
    found += [f"{used[each]} uses without spots: {each}" for each in used.keys() - taken.keys()]
    found += [f"{taken[each]} spots without uses: {each}" for each in taken.keys() - used.keys()]
    found += [f"{used[each]} uses for {taken[each]} spots: {each}" for each in used.keys() & taken.keys() if used[each] != taken[each]]
    return found + [f"spots are held for nobody on {session}" for session in sessions if spots_of(session, now).held]


def judged(party: Party, log: ClientLog, watches: Sequence[CodesWatch]) -> Verdict:
    """Compare all answers with codes and ledgers, after crashed bookings have been reclaimed."""
    sessions, typed = [bookable.session for bookable in party.sessions], [code for bookable in party.sessions for code in bookable.codes]
    bookings = [booking for booking in log.bookings if isinstance(booking, CodeBooking)]
    random_faults = Counter(log.random_faults)
    verdict = Verdict(
        attempts=len(bookings),
        winners=sum(booking.outcome == "in" for booking in bookings),
        lost_replies=random_faults["lost"],
        other_faults=random_faults["conflicts"] + random_faults["throttled"] + random_faults["faults"],
        busy=log.busy,
        slowest=log.slowest,
        checks=sum(watch.checks for watch in watches),
        breaches=[*log.unexpected, *(breach for watch in watches for breach in watch.breaches)],
    )
    settled(sessions, typed)
    verdict.breaches += unlike(sessions, typed)
    verdict.leaked = len(verdict.breaches)
    verdict.breaches += [fault for booking in bookings for fault in _unlike_the_outcome(booking)]
    for session in sessions:
        spots = spots_of(session, MUCH_LATER)
        verdict.oversold += max(0, spots.used - spots.total)
    for bookable in party.sessions:
        _filled_to_the_brim(bookable, verdict)
    return verdict


def _unlike_the_outcome(booking: CodeBooking) -> list[str]:
    use, hold = seen(booking.code).uses.get(booking.id), holds_of(booking.session).get(booking.id)
    if booking.outcome == "in" and not (use and hold and hold.is_taken and use.redemptions == hold.spots == booking.party):
        return [f"{booking} was told yes and has {use}, {hold}"]
    if booking.outcome in {"out", "full"} and (use or hold):
        return [f"{booking} was told no and has {use}, {hold}"]
    return []


def _filled_to_the_brim(offer: BookableSession, verdict: Verdict) -> None:
    """Check that all free spots can still be booked with the remaining uses, and no more."""
    forget_full(offer.session)
    left, free = sum(seen(code).left for code in offer.codes), spots_of(offer.session, MUCH_LATER).free
    had = sum(_had(offer.session, code) for code in offer.codes)
    verdict.oversold += max(0, had - min(left, free))
    verdict.falsely_refused += max(0, min(left, free) - had)


def _had(session: str, code: str) -> int:
    for had in count():
        try:
            booked(session, code, now=MUCH_LATER)
        except (SessionFull, CodeSpent):
            return had
    raise AssertionError
