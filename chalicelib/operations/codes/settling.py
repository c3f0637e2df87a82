"""Whether a code's uses stand: a use stands with its spots, and one whose booking did not come through is taken back.

The order that makes it safe: a use is read before the ledger is, and is taken back only exactly as it was read;
a booking that is tried again renews its use before it confirms its spots.
"""

from datetime import datetime

from chalicelib.rules.codes import Code
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes, ledger, registrations

ATTEMPTS = 8


def settle(code: Code, *, now: datetime) -> bool:
    """Look after the uses that nobody has finished. True when one is there no more."""
    open_uses = [(own, use) for own, use in code.uses.items() if not use.f and not use.in_flight(now)]
    return [own for own, use in open_uses if _settle(code.org, code.code, own, use.s, now=now)] != []


def take_back(registration: Registration, *, now: datetime) -> bool:
    """Take back the booking with a code that this registration was to be, if its spots are not taken. True when it was taken back."""
    return _settle(registration.org, registration.code, registration.id, registration.session, now=now)


def finish(registration: Registration) -> None:
    """Note that the spots of a booking with a code are taken."""
    codes.finish_use(registration)


def _settle(org: str, code_id: str, own: str, session: str, *, now: datetime) -> bool:
    """Take the use back unless it stands. True when it is there no more, whoever took it back: our own reply may have been lost."""
    for _ in range(ATTEMPTS):
        try:
            code = codes.get(org, code_id)
        except NotFound:
            return False
        use = code.uses.get(own)
        if use is None:
            return True
        registration = registrations.find(org, session, own)
        if use.f or registration is None:
            return False
        if _stands(registration, now):
            return False
        if codes.give_back(registration, code, use):
            return True
    return False


def _stands(registration: Registration, now: datetime) -> bool:
    """Whether the booking came through, or may yet; a hold of it that has run out ends here."""
    if registration.confirmed_at:
        codes.finish_use(registration)
        return True
    for _ in range(ATTEMPTS):
        found = ledger.locate(registration.org, registration.session, registration.hold, chunk=registration.chunk)
        if found is None or found[1].v != registration.nonce:
            return False
        chunk, hold = found
        if hold.s == "C":
            codes.finish_use(registration)
        if hold.live(now):
            return True
        if ledger.release_on(registration.org, registration.session, registration.hold, hold, chunk=chunk):
            ledger.reopen(registration.org, registration.session)
            return False
    return True
