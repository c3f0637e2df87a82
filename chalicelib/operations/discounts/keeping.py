"""What staff do with discount codes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations.identity import derived
from chalicelib.rules.discounts import WHOLE, Discount, DiscountOver, compared
from chalicelib.rules.drafts.discounts import DiscountChanges, DiscountDraft
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit, NotFound, marked
from chalicelib.tables import discounts, organisations, sessions

ATTEMPTS = 8
TOO_MUCH = ("/value", "out_of_range", marked("Write a percentage from 1 to 100."))
ENDS_FIRST = ("/ends_at", "ends_before_it_starts", marked("Choose an end that is after the start."))
NO_SUCH_SESSION = marked("There is no such session. Choose one of yours.")


def create_discount(org: str, draft: DiscountDraft, *, key: str, now: datetime) -> Discount:
    """Make a discount code; a retry under the same key returns the one that it made. Raises DiscountExists, DoesNotFit."""
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
    return sorted(discounts.every(org), key=lambda discount: (discount.created_at, discount.code), reverse=True)


def read_discount(org: str, typed: str) -> Discount:
    """Return the code, read without case, or NotFound."""
    found = discounts.find(org, typed)
    if found is None:
        raise NotFound
    return found


def edit_discount(org: str, typed: str, changes: DiscountChanges, *, expected: int | None, now: datetime) -> Discount:
    """Change what is named; who was invited or has registered with it keeps the terms of that moment.

    Raises NotFound, DiscountOver for one that has ended, DoesNotFit, ChangedMeanwhile.
    """
    for _ in range(ATTEMPTS):
        was = read_discount(org, typed)
        if expected not in {None, was.version}:
            raise ChangedMeanwhile
        if was.ended(now):
            raise DiscountOver
        edited = replace(was, **_named(changes))
        _check(edited)
        try:
            return discounts.save(edited, was=was)
        except ChangedMeanwhile:
            continue
    raise ChangedMeanwhile


def _named(changes: DiscountChanges) -> dict[str, Any]:
    values = {name: getattr(changes, name) for name in changes.model_fields_set}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _check(discount: Discount) -> None:
    """Refuse, with every fault at once, more than the whole price, an end before the start, and sessions that are not there."""
    faults = []
    if discount.kind == "percent" and discount.value > WHOLE:
        faults.append(TOO_MUCH)
    if discount.starts_at and discount.ends_at and discount.ends_at <= discount.starts_at:
        faults.append(ENDS_FIRST)
    for number, session in enumerate(discount.sessions):
        if not _is_there(discount.org, session):
            faults.append((f"/sessions/{number}", "unknown_session", NO_SUCH_SESSION))
    if faults:
        raise DoesNotFit(faults)


def _is_there(org: str, session: str) -> bool:
    try:
        sessions.get(org, session)
    except NotFound:
        return False
    return True
