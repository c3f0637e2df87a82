"""The public look-up of an invitation code: its session, price and remaining uses."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import throttle
from chalicelib.operations.codes import reclaim
from chalicelib.rules import times
from chalicelib.rules.codes import Code, CodeSpent, UnknownCode, compared, well_formed
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes, contracts, sessions


class CodeLookup(NamedTuple):
    """A usable code, the prefilled form values, and its session if it is limited to one."""

    organisation: Organisation
    code: Code
    prefix: str
    """The contract's prefix, with which the code is shown in groups."""
    prefill: Mapping[str, str]
    session: Session | None


def look_up(org: str, typed: str, *, source: str, now: datetime) -> CodeLookup:
    """Return the code that a visitor typed. `source` is the client's network address, for which wrong codes are counted.

    Raises UnknownCode for an unknown, expired or archived code, CodeSpent, TooManyAttempts; NotFound for an unknown organisation.
    """
    context = read_code_context(org, typed, source=source, now=now)
    code = usable(context, source=source, now=now)
    if code.left == 0:
        raise CodeSpent
    prefix = context.terms.prefix if context.terms else ""
    return CodeLookup(context.organisation, code, prefix, _prefill(code), _session(code))


def read_code_context(org: str, typed: str, *, source: str, session: str = "", email: str = "", now: datetime) -> codes.CodeContext:
    """Read a typed code with its contract and, if one is given, the session for a booking under an address.

    First returns uses that failed bookings left on the code. Raises TooManyAttempts, NotFound."""
    typed_code = compared(typed)
    misses = throttle.wrong_code_keys(org, source)
    context = codes.code_context(org, typed_code if well_formed(typed_code) else "", misses=misses, session=session, email=email)
    throttle.check_open(context.misses, now=now)
    if context.code and context.code.left < context.code.max_redemptions and reclaim.reclaim_open_uses(context.code, now=now):
        return codes.code_context(org, typed_code, misses=misses, session=session, email=email)
    return context


def usable(context: codes.CodeContext, *, source: str, now: datetime) -> Code:
    """Return the code if it is valid today, even if it is spent; count a miss otherwise. Raises UnknownCode, TooManyAttempts."""
    code, terms = context.code, context.terms
    today = times.local(now, context.organisation.time_zone).date()
    if code and terms and terms.open_on(today) and not code.archived_at and not code.run_out(now):
        return code
    raise throttle.count_wrong_code(context.organisation.org, source, UnknownCode(), now=now)


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
