"""One action of staff on several registrations of a roster. Each registration stands for itself: a refusal of one stops no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.operations.invoices import issue
from chalicelib.operations.registrations.remove import remove_registration
from chalicelib.operations.registrations.transfer import transfer
from chalicelib.rules.billing import billing_before, is_invoiceable, is_payable
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.tables import registrations

UNDOABLE = timedelta(minutes=15)
"""The time in which a member of staff can undo a mark as paid."""


@dataclass(slots=True)
class BulkResult:
    """What became of each chosen registration."""

    done: list[Registration] = field(default_factory=list)
    unchanged: list[Registration] = field(default_factory=list)
    """Those that needed nothing, such as a paid one that is marked as paid."""
    failed: list[tuple[Registration, Refusal]] = field(default_factory=list)


def mark_paid(chosen: Sequence[Registration], *, by: str, now: datetime) -> BulkResult:
    """Mark registrations as paid, those that something is due for. One that was billed or paid since it was read fails."""
    return _each(chosen, is_payable, lambda one: registrations.rebill(one, "paid", by=by, now=now))


def undo_paid(registered: Sequence[Registration], *, marked_at: datetime, by: str, now: datetime) -> BulkResult:
    """Give registrations that this member of staff marked as paid at a moment their status before it, unless something followed."""
    chosen = [one for one in registered if now - marked_at < UNDOABLE and _was_marked(one, marked_at, by)]
    return _each(chosen, lambda _: True, lambda one: registrations.rebill(one, billing_before(one), by=by, now=now))


def count_undoable(registered: Sequence[Registration], *, marked_at: datetime, by: str, now: datetime) -> int:
    """Return how many registrations `undo_paid` would change."""
    return sum(1 for one in registered if now - marked_at < UNDOABLE and _was_marked(one, marked_at, by))


def send_invoices(chosen: Sequence[Registration], *, by: str, now: datetime) -> BulkResult:
    """Issue the invoice of each registration that is unpaid and has none; it is sent by e-mail."""

    def invoiced(one: Registration) -> object:
        return issue(registrations.rebill(one, "invoiced", by=by, now=now), by=by, now=now)

    return _each(chosen, is_invoiceable, invoiced)


def move(chosen: Sequence[Registration], to_session: str, *, by: str, key: str, tell: bool, now: datetime) -> BulkResult:
    """Move registrations to another session, in their order, as far as it has room. A retry with the same key moves nobody twice."""

    def moved(one: Registration) -> object:
        return transfer(one.org, one.public_id, to_session, by=by, key=key, now=now, tell=tell)

    return _each(chosen, lambda _: True, moved)


def remove(chosen: Sequence[Registration], *, by: str, tell: bool, now: datetime) -> BulkResult:
    """Remove registrations from the roster. Repeating it is safe."""
    return _each(chosen, lambda _: True, lambda one: remove_registration(one.org, one.public_id, by=by, now=now, tell=tell))


def _each(chosen: Sequence[Registration], needs: Callable[[Registration], bool], act: Callable[[Registration], object]) -> BulkResult:
    result = BulkResult()
    for registration in chosen:
        if not needs(registration):
            result.unchanged.append(registration)
            continue
        try:
            act(registration)
        except Refusal as refusal:
            result.failed.append((registration, refusal))
        else:
            result.done.append(registration)
    return result


def _was_marked(registration: Registration, at: datetime, by: str) -> bool:
    """Whether the last step of the billing is this member's `paid` of that moment."""
    last = registration.billing_history[-1] if registration.billing_history else None
    return bool(last and last.status == registration.billing == "paid" and last.by == by and last.at == at)
