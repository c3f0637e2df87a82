"""What a code books, for whoever has it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import guessing
from chalicelib.operations.codes import settling
from chalicelib.rules import times
from chalicelib.rules.codes import Code, CodeSpent, UnknownCode, compared, well_formed
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes, contracts, sessions


class LookedUp(NamedTuple):
    """A code that can be used, what fills in the booking, and the one session that it is for, if there is only one."""

    organisation: Organisation
    code: Code
    prefix: str
    """Of the contract, so that the code is read in the groups in which it was given out."""
    prefill: Mapping[str, str]
    session: Session | None


def look_up(org: str, typed: str, *, source: str, now: datetime) -> LookedUp:
    """Return what a code books. `source` is the client's network address; wrong codes are counted against it.

    Raises UnknownCode for every kind of wrong, CodeSpent, TooManyAttempts; NotFound for an unknown organisation.
    """
    counter = at_counter(org, typed, source=source, now=now)
    code = usable(counter, source=source, now=now)
    if code.left == 0:
        raise CodeSpent
    prefix = counter.terms.prefix if counter.terms else ""
    return LookedUp(counter.organisation, code, prefix, _prefill(code), _session(code))


def at_counter(org: str, typed: str, *, source: str, session: str = "", now: datetime) -> codes.Counter:
    """Return all that a look at a code needs, with the uses settled of one that seems spent. Raises TooManyAttempts, NotFound."""
    own = compared(typed)
    misses = guessing.counts(org, source)
    counter = codes.counter(org, own if well_formed(own) else "", misses=misses, session=session)
    guessing.check_open(counter.misses, now=now)
    if counter.code and counter.code.left < counter.code.max_redemptions and settling.settle(counter.code, now=now):
        return codes.counter(org, own, misses=misses, session=session)
    return counter


def usable(counter: codes.Counter, *, source: str, now: datetime) -> Code:
    """Return the code if it may be used today, spent or not; what is wrong counts as a miss. Raises UnknownCode, TooManyAttempts."""
    code, terms = counter.code, counter.terms
    today = times.local(now, counter.organisation.time_zone).date()
    if code and terms and terms.open_on(today) and not code.archived_at and not code.run_out(now):
        return code
    raise guessing.missed(counter.organisation.org, source, UnknownCode(), now=now)


def _prefill(code: Code) -> Mapping[str, str]:
    if not code.participant:
        return {}
    try:
        return contracts.get_participant(code.org, code.contract, code.participant).prefill()
    except NotFound:
        return {}


def _session(code: Code) -> Session | None:
    try:
        return sessions.get(code.org, code.price.session) if code.price.session else None
    except NotFound:
        return None
