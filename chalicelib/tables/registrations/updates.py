"""Changes of a registration on the roster, and its transfer to another session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.pricing import siblings_left
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registration_history import Billing, BillingChange, PartyChange, Payment, Resend
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import PAIRS
from chalicelib.tables.conditions import (
    NEW,
    THERE,
    AttributePath,
    Condition,
    Update,
    absent,
    all_of,
    equals,
    has_length,
    same_attempt,
    unchanged,
)
from chalicelib.tables.registrations.participants import distinct, guard, guard_deletions, guard_key
from chalicelib.tables.registrations.rows import (
    BILLING_CHANGES,
    CONSENTS,
    DETAILS,
    OWN_CHANGES,
    PARTY_CHANGES,
    PAYMENTS,
    REFUNDS,
    RESENDS,
    registration_from,
    registration_item,
)
from chalicelib.tables.registrations.writes import NOT_REMOVED, ParticipantTaken, row_key

NOT_MOVED = absent("moved_to")


def change(registration: Registration, change: Update, *, condition: Condition = NOT_REMOVED) -> Registration:
    """Change attributes of a registration. Raises AlreadyRemoved, and ChangedMeanwhile when it has changed since it was read."""
    try:
        changed = dynamodb.update(config().rosters_table, row_key(registration), change, same_attempt(registration.nonce) & condition)
    except dynamodb.ConditionFailed as failed:
        if failed.old and "removed_at" not in failed.old:
            raise ChangedMeanwhile from None
        raise AlreadyRemoved from None
    return registration_from(changed)


def set_billing(registration: Registration, status: Billing, *, by: str, note: str, now: datetime) -> Registration:
    """Set the billing status and record who did it and when. Raises AlreadyRemoved."""
    billing_change = BILLING_CHANGES.write(BillingChange(status, now, by, note))
    return change(registration, Update().set(billing=status).append("billing_history", billing_change), condition=THERE)


def rebill(registration: Registration, status: Billing, *, by: str, now: datetime) -> Registration:
    """Set the billing status of a registration that is as it was read. Raises ChangedMeanwhile when it was paid or billed since."""
    billing_change = BILLING_CHANGES.write(BillingChange(status, now, by))
    history = registration.billing_history
    history_as_read = has_length("billing_history", len(history)) if history else absent("billing_history")
    as_seen = NOT_MOVED & _money_as_read(registration) & history_as_read
    return change(registration, Update().set(billing=status).append("billing_history", billing_change), condition=as_seen)


def add_payment(registration: Registration, payment: Payment, status: Billing, *, note: str = "") -> Registration:
    """Record a payment and the billing status after it, on an unchanged registration; after a removal too.

    Raises ChangedMeanwhile when it was paid, billed or transferred since it was read: a new read shows a payment recorded twice.
    """
    billing_change = BILLING_CHANGES.write(BillingChange(status, payment.at, payment.by, note))
    change = Update().set(billing=status).append("billing_history", billing_change).append("payments", PAYMENTS.write(payment))
    as_seen = same_attempt(registration.nonce) & NOT_MOVED & _money_as_read(registration)
    try:
        changed = dynamodb.update(config().rosters_table, row_key(registration), change, as_seen)
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None
    return registration_from(changed)


def note_refunds(registration: Registration, *, was: Registration, by: str, now: datetime) -> Registration:
    """Record the refunds of a registration and its billing status, if it is as it was read; after a removal too.

    Raises ChangedMeanwhile when it was paid, billed, refunded or transferred since it was read, so that no amount goes back twice.
    """
    change = Update().set(refunds=_refunds(registration), billing=registration.billing)
    if registration.billing != was.billing:
        change = change.append("billing_history", BILLING_CHANGES.write(BillingChange(registration.billing, now, by)))
    as_seen = same_attempt(was.nonce) & NOT_MOVED & _money_as_read(was)
    try:
        return registration_from(dynamodb.update(config().rosters_table, row_key(was), change, as_seen))
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None


def set_party(registration: Registration, size: int, *, was: Registration | None = None, now: datetime) -> Registration:
    """Record the party size that the ledger has; past meetings keep the earlier one.

    `was` is the registration as it was read, if the family has made the change. Raises AlreadyRemoved, ChangedMeanwhile.
    """
    party_change = PARTY_CHANGES.write(PartyChange(now, registration.party_size))
    as_read = NOT_REMOVED & equals("party_size", registration.party_size)
    siblings = siblings_left(registration.sibling_spots, registration.party_size - size)
    update = Update().set(party_size=size, sibling_spots=siblings).append("parties", party_change)
    if was is not None:
        update, as_read = update.set(own_changes=_own_changes(registration)), as_read & _own_changes_as_read(was)
    return change(registration, update, condition=as_read)


def note_resend(registration: Registration, resends: tuple[Resend, ...]) -> Registration:
    """Count a confirmation that is sent again, the last of these resends. Raises AlreadyRemoved, ChangedMeanwhile."""
    sent = Update().set(confirmations=resends[-1].number, resends=[RESENDS.write(resend) for resend in resends])
    not_sent_meanwhile = NOT_REMOVED & unchanged("confirmations", registration.confirmations) & equals("email", registration.email)
    return change(registration, sent, condition=not_sent_meanwhile)


def rewrite(registration: Registration, *, was: Registration, beside: Sequence[dict[str, Any]] = ()) -> None:
    """Write booker and participants over those that were read, guard rows included. Raises ParticipantTaken, AlreadyRemoved."""
    facts = {
        "email": registration.email,
        "booker": keys.booker(registration.org, registration.email),
        "name": registration.name,
        "phone": registration.phone,
        "participants": registration.participants,
        "answers": PAIRS.write(registration.answers),
        "consents": [CONSENTS.write(consent) for consent in registration.consents] or None,
        "participant_details": [DETAILS.write(details) for details in registration.participant_details] or None,
        "link_version": registration.link_version if registration.link_version > 1 else None,
        "confirmations": registration.confirmations or None,
        "own_changes": _own_changes(registration),
    }
    as_seen = same_attempt(was.nonce) & NOT_REMOVED & _people_as_read(was) & unchanged("confirmations", was.confirmations)
    as_seen = as_seen & _own_changes_as_read(was)
    row = dynamodb.update_write(config().rosters_table, row_key(was), Update().set(**facts), as_seen)
    kept = {guard_key(registration, name) for name in distinct(registration)}
    gone = [name for name in distinct(was) if guard_key(was, name) not in kept]
    names = distinct(registration)
    try:
        dynamodb.transact([row, *(guard(registration, name) for name in names), *guard_deletions(was, gone), *beside])
    except dynamodb.TransactionFailed as failed:
        for name, taken in zip(names, failed.reasons[1:], strict=False):
            if taken is not None:
                raise ParticipantTaken(name, taken["registration"]["S"]) from None
        raise ChangedMeanwhile from None


def cancel_writes(registration: Registration, was: Registration, *, by: str, now: datetime) -> list[dict[str, Any]]:
    """Return the writes that end a registration because its family cancels it, for one transaction with its ledger.

    They fail when it was removed, resized, paid or changed by its family since it was read: its online payments are refunded with it.
    """
    ending = Update().set(
        removed_at=times.written(now), removed_by=by, own_changes=_own_changes(registration), refunds=_refunds(registration)
    )
    as_seen = same_attempt(was.nonce) & NOT_REMOVED & _people_as_read(was) & _own_changes_as_read(was) & _money_as_read(was)
    end = dynamodb.update_write(config().rosters_table, row_key(was), ending.default(confirmed_at=AttributePath.of("created_at")), as_seen)
    return [end, *guard_deletions(was)]


def move_writes(moved: Registration, was: Registration, *, by: str, now: datetime) -> list[dict[str, Any]]:
    """Return the writes that end a registration on one session and create it on another, for one transaction with both ledgers.

    They fail when the registration was paid, billed or invoiced since it was read, which the new row would otherwise lack.
    """
    rosters = config().rosters_table
    moving = Update().set(removed_at=times.written(now), removed_by=by, moved_to=moved.public_id)
    as_seen = all_of(
        [
            same_attempt(was.nonce),
            NOT_REMOVED,
            unchanged("invoice", was.invoice),
            _money_as_read(was),
            unchanged("discount_returned", was.discount_returned),
            _own_changes_as_read(was),
        ]
    )
    begin = dynamodb.put_write(rosters, registration_item(moved), NEW)
    end = dynamodb.update_write(rosters, row_key(was), moving.default(confirmed_at=AttributePath.of("created_at")), as_seen)
    return [begin, end, *(guard(moved, name) for name in distinct(moved)), *guard_deletions(was)]


def _people_as_read(was: Registration) -> Condition:
    return equals("email", was.email) & equals("participants", was.participants) & equals("party_size", was.party_size)


def _money_as_read(was: Registration) -> Condition:
    payments_as_read = has_length("payments", len(was.payments)) if was.payments else absent("payments")
    return equals("billing", was.billing) & payments_as_read & unchanged("refunds", _refunds(was))


def _refunds(registration: Registration) -> list[Any] | None:
    return [REFUNDS.write(refund) for refund in registration.refunds] or None


def _own_changes(registration: Registration) -> list[Any] | None:
    return [OWN_CHANGES.write(change) for change in registration.own_changes] or None


def _own_changes_as_read(was: Registration) -> Condition:
    return unchanged("own_changes", _own_changes(was))
