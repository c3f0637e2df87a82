"""What codes and ledgers must show together: no use without its spots, no spots without their use, none too many, none lost."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from chalicelib.operations import codes
from chalicelib.operations.reconciling import reconcile_session
from chalicelib.rules.codes import Code, CodeSpent, NothingToReturn
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import codes as table
from chalicelib.tables import ledger
from tests.live.codes.crowd import CodeBooking, Party, Place
from tests.live.codes.scene import booked, seen
from tests.live.ledger.crowd import Diary
from tests.live.ledger.judging import Verdict, Watch
from tests.live.ledger.scene import NOW, ORG, holds_of, spots_of

MUCH_LATER = NOW + timedelta(days=1)


class CodesWatch(Watch):
    """Looks at codes as well as at the ledger."""

    def __init__(self, session: str, watched: Sequence[str]) -> None:
        super().__init__(session, may_owe=False)
        self.watched = list(watched)

    def look(self) -> list[str]:
        return [*super().look(), *(breach for code in table.find(ORG, self.watched) for breach in faults(code))]


def faults(code: Code) -> list[str]:
    """Return in what a code breaks its law: what is left and what is used is what there was, and nothing is below zero."""
    used = sum(use.n for use in code.uses.values())
    found = [] if code.left + used == code.max_redemptions else [f"{code.code} has {code.left} left, {used} used of {code.max_redemptions}"]
    return found + ([f"{code.code} was used {-code.left} times too often"] if code.left < 0 else [])


def settled(sessions: Sequence[str], own: Sequence[str], *, now: datetime = MUCH_LATER) -> None:
    """Let everything that follows by itself follow: what died is taken back, what was removed is returned by staff."""
    for session in sessions:
        reconcile_session(ORG, session, now=now, repair=True)
        assert reconcile_session(ORG, session, now=now, repair=False) == []
    for code in own:
        try:
            codes.return_code(ORG, seen(code).contract, code, now=now)
        except NothingToReturn:
            continue


def unlike(sessions: Sequence[str], own: Sequence[str], *, now: datetime = MUCH_LATER) -> list[str]:
    """Return where uses and spots differ, once everything is settled."""
    found = [fault for code in own for fault in faults(seen(code))]
    used = {(use.s, name): use.n for code in own for name, use in seen(code).uses.items()}
    taken = {(session, name): hold.n for session in sessions for name, hold in holds_of(session).items() if hold.live(now)}
    found += [f"{used[each]} uses without spots: {each}" for each in used.keys() - taken.keys()]
    found += [f"{taken[each]} spots without uses: {each}" for each in taken.keys() - used.keys()]
    found += [f"{used[each]} uses for {taken[each]} spots: {each}" for each in used.keys() & taken.keys() if used[each] != taken[each]]
    return found + [f"spots are held for nobody on {session}" for session in sessions if spots_of(session, now).held]


def judged(party: Party, diary: Diary, watches: Sequence[CodesWatch]) -> Verdict:
    """Compare what everybody was told with codes and ledgers, once all that died has been settled."""
    sessions, own = [place.session for place in party.places], [code for place in party.places for code in place.codes]
    bookings = [booking for booking in diary.bookings if isinstance(booking, CodeBooking)]
    weather = Counter(diary.weather)
    verdict = Verdict(
        attempts=len(bookings),
        winners=sum(booking.told == "in" for booking in bookings),
        lost_replies=weather["lost"],
        other_faults=weather["conflicts"] + weather["throttled"] + weather["faults"],
        busy=diary.busy,
        slowest=diary.slowest,
        looks=sum(watch.looks for watch in watches),
        breaches=[*diary.unexpected, *(breach for watch in watches for breach in watch.breaches)],
    )
    settled(sessions, own)
    verdict.breaches += unlike(sessions, own)
    verdict.leaked = len(verdict.breaches)
    verdict.breaches += [fault for booking in bookings for fault in _unlike_what_was_told(booking)]
    for session in sessions:
        spots = spots_of(session, MUCH_LATER)
        verdict.oversold += max(0, spots.used - spots.total)
    for place in party.places:
        _filled_to_the_brim(place, verdict)
    return verdict


def _unlike_what_was_told(booking: CodeBooking) -> list[str]:
    use, hold = seen(booking.code).uses.get(booking.id), holds_of(booking.session).get(booking.id)
    if booking.told == "in" and not (use and hold and hold.s == "C" and use.n == hold.n == booking.party):
        return [f"{booking} was told yes and has {use}, {hold}"]
    if booking.told in {"out", "full"} and (use or hold):
        return [f"{booking} was told no and has {use}, {hold}"]
    return []


def _filled_to_the_brim(place: Place, verdict: Verdict) -> None:
    """What is free can still be had with the uses that are left, and nothing beyond it."""
    ledger.reopen(ORG, place.session)
    left, free = sum(seen(code).left for code in place.codes), spots_of(place.session, MUCH_LATER).free
    had = sum(_had(place.session, code) for code in place.codes)
    verdict.oversold += max(0, had - min(left, free))
    verdict.falsely_refused += max(0, min(left, free) - had)


def _had(session: str, code: str) -> int:
    for had in count():
        try:
            booked(session, code, now=MUCH_LATER)
        except (SessionFull, CodeSpent):
            return had
    raise AssertionError
