"""Discount codes, for staff: create, edit, switch off and on."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations.identity import derived
from chalicelib.rules.discounts import WHOLE, Discount, DiscountEndIsFinal, compared
from chalicelib.rules.inputs.discounts import DiscountChanges, DiscountInput
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.rules.sessions import Session
from chalicelib.rules.translation import N_
from chalicelib.tables import discounts, organisations, sessions

ATTEMPTS = 8
TOO_MUCH = ("/value", "out_of_range", N_("Write a percentage from 1 to 100."))
ENDS_FIRST = ("/ends_at", "ends_before_it_starts", N_("Choose an end that is after the start."))
NO_SUCH_SESSION = N_("There is no such session. Choose one of yours.")


def create_discount(org: str, draft: DiscountInput, *, key: str, now: datetime) -> Discount:
    """Create a discount code. A retry with the same key returns the code that it created. Raises DiscountExists, ValidationFailed."""
    values = draft.model_dump()
    discount = Discount(
        org=org,
        currency=organisations.get(org).currency,
        created_at=now,
        made_by=derived("discount", org, compared(draft.code), key),
        **{**values, "sessions": tuple(draft.sessions), "tags": tuple(draft.tags)},
    )
    _check(discount)
    return discounts.create(discount)


def list_discounts(org: str) -> list[Discount]:
    """Return all discount codes, latest first."""
    found = discounts.with_all_shares(org, list(discounts.every(org)))
    return sorted(found, key=lambda discount: (discount.created_at, discount.code), reverse=True)


def list_usable(org: str, session: Session, *, now: datetime) -> list[Discount]:
    """Return the discount codes that a booking of this session can use at a moment, latest first."""
    return [one for one in list_discounts(org) if one.state(now) == "active" and one.fits(session)]


def read_discount(org: str, typed: str) -> Discount:
    """Return the discount code, ignoring case. Raises NotFound."""
    found = discounts.find(org, typed)
    if found is None:
        raise NotFound
    return discounts.with_shares(found)


def edit_discount(org: str, typed: str, changes: DiscountChanges, *, expected: int | None, now: datetime) -> Discount:
    """Change the given fields. Existing registrations and invitations keep their terms; a booking that read the code before gets none.

    `expected` is the version that was read, None to accept any.
    Raises NotFound, DiscountEndIsFinal for an expired code, ValidationFailed, ChangedMeanwhile.
    """
    for _ in range(ATTEMPTS):
        was = read_discount(org, typed)
        if expected not in {None, was.version}:
            raise ChangedMeanwhile
        if was.ended(now):
            raise DiscountEndIsFinal
        edited = replace(was, **_named(changes))
        _check(edited)
        try:
            saved = discounts.save(edited, was=was)
        except ChangedMeanwhile:
            continue
        discounts.forbid_earlier_versions(saved)
        return discounts.with_shares(saved)
    raise ChangedMeanwhile


def _named(changes: DiscountChanges) -> dict[str, Any]:
    values = {name: getattr(changes, name) for name in changes.model_fields_set}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _check(discount: Discount) -> None:
    """Raise ValidationFailed, with all faults: more than 100 %, an end before the start, unknown sessions."""
    faults = []
    if discount.kind == "percent" and discount.value > WHOLE:
        faults.append(TOO_MUCH)
    if discount.starts_at and discount.ends_at and discount.ends_at <= discount.starts_at:
        faults.append(ENDS_FIRST)
    for number, session in enumerate(discount.sessions):
        if not sessions.exists(discount.org, session):
            faults.append((f"/sessions/{number}", "unknown_session", NO_SUCH_SESSION))
    if faults:
        raise ValidationFailed(faults)
