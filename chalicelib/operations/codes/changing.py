"""What staff do with a code: change it, delete it, give its uses back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.codes import settling
from chalicelib.operations.codes.issuing import with_price
from chalicelib.operations.codes.reading import of_contract
from chalicelib.rules.codes import Code, CodePrice, CodeUsed, NothingToReturn, Use
from chalicelib.rules.drafts.codes import CodeChanges
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes, keys, registrations, rosters, sessions

ATTEMPTS = 8


def edit_code(org: str, contract_id: str, typed: str, changes: CodeChanges, *, expected: int | None, now: datetime) -> Code:
    """Change what is named: the price only while nobody has used the code. Raises NotFound, DoesNotFit, CodeUsed, ChangedMeanwhile."""
    for _ in range(ATTEMPTS):
        was = of_contract(org, contract_id, typed)
        if expected not in {None, was.version}:
            raise ChangedMeanwhile
        try:
            return codes.edit(_changed(was, changes, now=now), was=was)
        except codes.NotAsRead:
            continue
    raise ChangedMeanwhile


def _changed(was: Code, changes: CodeChanges, *, now: datetime) -> Code:
    named = changes.model_fields_set
    code = was
    if changes.price and changes.price != was.price.id:
        if was.redeemed:
            raise CodeUsed
        _, price = with_price(was.org, was.contract, changes.price)
        code = replace(code, price=CodePrice.of(price))
    if "note" in named:
        code = replace(code, note=changes.note)
    if "expires_at" in named:
        code = replace(code, expires_at=changes.expires_at)
    if "handed_out" in named:
        code = replace(code, handed_out_at=(was.handed_out_at or now) if changes.handed_out else None)
    return code


def delete_code(org: str, contract_id: str, typed: str, *, expected: int | None, now: datetime) -> None:
    """Delete a code that nobody has used, for good; archive one that was used, with its history. Archived already: nothing changes.

    Raises NotFound, ChangedMeanwhile.
    """
    for _ in range(ATTEMPTS):
        code = of_contract(org, contract_id, typed)
        if expected not in {None, code.version}:
            raise ChangedMeanwhile
        if code.archived_at:
            return
        try:
            if code.redeemed:
                codes.edit(replace(code, archived_at=now), was=code)
            else:
                codes.put_away(code, now=now)
        except codes.NotAsRead:
            continue
        return
    raise ChangedMeanwhile


def return_code(org: str, contract_id: str, typed: str, *, now: datetime) -> Code:
    """Make the uses of registrations that are no more available again. Raises NotFound, NothingToReturn."""
    code = of_contract(org, contract_id, typed)
    returned = settling.settle(code, now=now)
    for own in code.uses:
        returned = _return(org, code.code, own) or returned
    if not returned:
        raise NothingToReturn
    return codes.get(org, code.code)


def return_uses_on(session: Session) -> None:
    """Make the uses of everybody on a session that does not take place available again. It may be done again."""
    for registration in rosters.roster(session.org, session.id).registrations:
        if registration.code and not registration.removed_at:
            _return_use_of(registration)


def uses_left(entries: Iterable[Registration]) -> bool:
    """Whether the code of any of these registrations, all of them still on the roster, keeps its use."""
    booked = [entry for entry in entries if entry.code and not entry.removed_at]
    return any(_booked_as(entry) in code.uses for entry in booked for code in codes.find(entry.org, [entry.code]))


def _return_use_of(registration: Registration) -> None:
    own = _booked_as(registration)
    for _ in range(ATTEMPTS):
        code = next(iter(codes.find(registration.org, [registration.code])), None)
        use = code.uses.get(own) if code else None
        if code is None or use is None or codes.return_use(code, own, use):
            return
    raise ChangedMeanwhile


def _booked_as(registration: Registration) -> str:
    """Return the id of the booking that used the code: the registration's own, or that of the one that it was moved from."""
    while registration.moved_from:
        registration = registrations.get(registration.org, *keys.parted(registration.moved_from))
    return registration.id


def _return(org: str, code_id: str, own: str) -> bool:
    """Return the use unless it stands. True when it is there no more: our own reply may have been lost."""
    for _ in range(ATTEMPTS):
        code = codes.get(org, code_id)
        use = code.uses.get(own)
        if use is None:
            return True
        if not _over(org, own, use):
            return False
        if codes.return_use(code, own, use):
            return True
    raise ChangedMeanwhile


def _over(org: str, own: str, use: Use) -> bool:
    """Whether the registration that used the code is no more on any roster, or on that of a cancelled session."""
    registration = registrations.find(org, use.s, own)
    while registration and registration.moved_to:
        registration = registrations.find(org, *keys.parted(registration.moved_to))
    if registration is None:
        return use.f
    return registration.removed_at is not None or sessions.get(org, registration.session).cancelled_at is not None
