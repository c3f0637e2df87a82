"""Changes to a code by staff: edit, delete, return uses."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.codes import reclaim
from chalicelib.operations.codes.issue import with_price
from chalicelib.operations.codes.queries import of_contract
from chalicelib.operations.figures.codes import counted_change
from chalicelib.rules.codes import Code, CodePrice, CodeUsed, NothingToReturn, Use
from chalicelib.rules.inputs.codes import CodeChanges
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes, registrations, sessions
from chalicelib.tables.booking_context import Roster

ATTEMPTS = 8


def edit_code(org: str, contract_id: str, typed: str, changes: CodeChanges, *, expected: int | None, now: datetime) -> Code:
    """Change the given fields of a code. `expected` is the version that was read, None to accept any.

    Raises NotFound, ValidationFailed for an unknown price, CodeUsed for a new price of a used code, ChangedMeanwhile.
    """
    for _ in range(ATTEMPTS):
        was = of_contract(org, contract_id, typed)
        if expected not in {None, was.version}:
            raise ChangedMeanwhile
        try:
            became = _changed(was, changes, now=now)
            return codes.edit(became, was=was, counted=counted_change(was, became), now=now)
        except codes.NotAsRead:
            continue
    raise ChangedMeanwhile


def _changed(was: Code, changes: CodeChanges, *, now: datetime) -> Code:
    named = changes.model_fields_set
    code = was
    if changes.price and changes.price != was.price.id:
        if was.redeemed:
            raise CodeUsed
        _, price, _ = with_price(was.org, was.contract, changes.price)
        code = replace(code, price=CodePrice.of(price))
    if "note" in named:
        code = replace(code, note=changes.note)
    if "expires_at" in named:
        code = replace(code, expires_at=changes.expires_at)
    if "handed_out" in named:
        code = replace(code, handed_out_at=(was.handed_out_at or now) if changes.handed_out else None)
    return code


def delete_code(org: str, contract_id: str, typed: str, *, expected: int | None, now: datetime) -> None:
    """Delete an unused code; archive a used one with its history. Does nothing for an archived code.

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
                codes.edit(replace(code, archived_at=now), was=code, counted={}, now=now)
            else:
                codes.delete_unused(code, counted=counted_change(code, None), now=now)
        except codes.NotAsRead:
            continue
        return
    raise ChangedMeanwhile


def return_code(org: str, contract_id: str, typed: str, *, now: datetime) -> Code:
    """Return the uses of removed registrations and failed bookings to the code. Raises NotFound, NothingToReturn."""
    code = of_contract(org, contract_id, typed)
    returned = reclaim.reclaim_open_uses(code, now=now)
    for id in code.uses:
        returned = _return(org, code.code, id) or returned
    if not returned:
        raise NothingToReturn
    codes.record_return(code, now=now)
    return codes.get(org, code.code)


def return_uses_on(roster: Roster) -> None:
    """Return the uses of all registrations for a cancelled session. Safe to repeat."""
    for registration in roster.registrations:
        if registration.code and not registration.removed_at:
            _return_use_of(registration)


def uses_left(registrations: Iterable[Registration]) -> bool:
    """Whether any registration on the roster among these still uses its code."""
    booked = [registration for registration in registrations if registration.code and not registration.removed_at]
    return any(_booked_as(one) in code.uses for one in booked for code in codes.find(one.org, [one.code]))


def _return_use_of(registration: Registration) -> None:
    id = _booked_as(registration)
    for _ in range(ATTEMPTS):
        code = next(iter(codes.find(registration.org, [registration.code])), None)
        use = code.uses.get(id) if code else None
        if code is None or use is None or codes.return_use(code, id, use):
            return
    raise ChangedMeanwhile


def _booked_as(registration: Registration) -> str:
    """Return the id under which the code's use is stored: that of the first registration if it was transferred."""
    while registration.moved_from:
        registration = registrations.get(*Ref.parse(registration.org, registration.moved_from))
    return registration.id


def _return(org: str, code_id: str, id: str) -> bool:
    """Return the use if its registration has ended. True if the use is gone, also when another attempt returned it."""
    for _ in range(ATTEMPTS):
        code = codes.get(org, code_id)
        use = code.uses.get(id)
        if use is None:
            return True
        if not _has_ended(org, id, use):
            return False
        if codes.return_use(code, id, use):
            return True
    raise ChangedMeanwhile


def _has_ended(org: str, id: str, use: Use) -> bool:
    """Whether the registration that used the code was removed, or its session cancelled."""
    registration = registrations.find(org, use.session, id)
    while registration and registration.moved_to:
        registration = registrations.find(*Ref.parse(org, registration.moved_to))
    if registration is None:
        return use.is_final
    return registration.removed_at is not None or sessions.get(org, registration.session).cancelled_at is not None
