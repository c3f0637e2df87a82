"""What changes on a registration that stands, and the move of one to another session."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import AlreadyRemoved, Billing, Payment, Registration
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, stored
from chalicelib.tables.registrations.people import distinct, guard, guard_key, releases
from chalicelib.tables.registrations.rows import registration_from, registration_item
from chalicelib.tables.registrations.writing import ParticipantTaken

THERE = "attribute_exists(pk)"
NEW = "attribute_not_exists(pk)"
SAME_ATTEMPT = "nonce = :nonce"
NOT_REMOVED = "attribute_not_exists(removed_at)"
NO_PAYMENTS = "attribute_not_exists(payments)"
PAYMENTS_AS_READ = "size(payments) = :seen"
PARTY_AS_READ = "party_size = :was"
AS_READ = "email = :was_email AND participants = :were_people AND party_size = :size"
NOT_MOVED = "attribute_not_exists(moved_to)"
BILLING_AS_READ = "billing = :billing"
NO_INVOICE = "attribute_not_exists(invoice)"
INVOICE_AS_READ = "invoice = :invoice"
RETURNED, NOT_RETURNED = "attribute_exists(discount_returned)", "attribute_not_exists(discount_returned)"


def change(registration: Registration, change: str, values: Item, *, condition: str = NOT_REMOVED) -> Registration:
    """Change attributes of a registration. Raises AlreadyRemoved, and ChangedMeanwhile when it is not as it was read."""
    try:
        changed = requests.update(
            settings().rosters_table,
            keys.registration(registration.org, registration.session, registration.id),
            change,
            f"{SAME_ATTEMPT} AND {condition}",
            values={":nonce": stored(registration.nonce), **values},
        )
    except requests.ConditionFailed as failed:
        if failed.old and "removed_at" not in failed.old:
            raise ChangedMeanwhile from None
        raise AlreadyRemoved from None
    return registration_from(changed)


def set_billing(registration: Registration, status: Billing, *, by: str, note: str, now: datetime) -> Registration:
    """Set the billing status and keep who did it and when. Raises AlreadyRemoved."""
    step = {"status": status, "at": times.written(now), "by": by, "note": note}
    return change(
        registration,
        "SET billing = :status, billing_history = list_append(if_not_exists(billing_history, :none), :step)",
        {":status": stored(status), ":step": stored([step]), ":none": stored([])},
        condition=THERE,
    )


def add_payment(registration: Registration, payment: Payment, status: Billing, *, note: str = "") -> Registration:
    """Note a payment and the status that it leads to, on the registration as it was read; after a removal too.

    Raises ChangedMeanwhile when it was paid, billed or moved since: whoever looks again sees a payment of the same name.
    """
    at = times.written(payment.at)
    values = {
        **_money_read(registration),
        ":nonce": stored(registration.nonce),
        ":status": stored(status),
        ":step": stored([{"status": status, "at": at, "by": payment.by, "note": note}]),
        ":payment": stored([{**asdict(payment), "at": at}]),
        ":none": stored([]),
    }
    try:
        changed = requests.update(
            settings().rosters_table,
            keys.registration(registration.org, registration.session, registration.id),
            "SET billing = :status, billing_history = list_append(if_not_exists(billing_history, :none), :step), "
            "payments = list_append(if_not_exists(payments, :none), :payment)",
            f"{SAME_ATTEMPT} AND {NOT_MOVED} AND {_money_as_read(registration)}",
            values=values,
        )
    except requests.ConditionFailed:
        raise ChangedMeanwhile from None
    return registration_from(changed)


def set_party(registration: Registration, size: int, *, now: datetime) -> Registration:
    """Note the party's size as the ledger has it; past meetings keep the one that they had. Raises AlreadyRemoved, ChangedMeanwhile."""
    step = {"at": times.written(now), "size": registration.party_size}
    return change(
        registration,
        "SET party_size = :size, parties = list_append(if_not_exists(parties, :none), :step)",
        {":size": stored(size), ":step": stored([step]), ":none": stored([]), ":was": stored(registration.party_size)},
        condition=PARTY_AS_READ,
    )


def rewrite(registration: Registration, *, was: Registration) -> None:
    """Write who booked and for whom over what was read, participants with it. Raises ParticipantTaken, AlreadyRemoved."""
    row = {
        "TableName": settings().rosters_table,
        "Key": keys.registration(was.org, was.session, was.id).stored(),
        "UpdateExpression": "SET email = :email, booker = :booker, #name = :name, phone = :phone, "
        "participants = :people, answers = :answers",
        "ConditionExpression": f"{SAME_ATTEMPT} AND {NOT_REMOVED} AND {AS_READ}",
        "ExpressionAttributeNames": {"#name": "name"},
        "ExpressionAttributeValues": {
            ":nonce": stored(was.nonce),
            ":was_email": stored(was.email),
            ":were_people": stored(was.participants),
            ":size": stored(was.party_size),
            ":email": stored(registration.email),
            ":booker": stored(keys.booker(registration.org, registration.email)),
            ":name": stored(registration.name),
            ":phone": stored(registration.phone),
            ":people": stored(registration.participants),
            ":answers": stored(dict(registration.answers)),
        },
    }
    kept = {guard_key(registration, name) for name in distinct(registration)}
    gone = [name for name in distinct(was) if guard_key(was, name) not in kept]
    names = distinct(registration)
    try:
        requests.transact([{"Update": row}, *({"Put": guard(registration, name, None)} for name in names), *releases(was, gone)])
    except requests.TransactionFailed as failed:
        for name, taken in zip(names, failed.reasons[1:], strict=False):
            if taken is not None:
                raise ParticipantTaken(name, taken["registration"]["S"]) from None
        raise ChangedMeanwhile from None


def move_writes(moved: Registration, was: Registration, *, by: str, now: datetime) -> list[dict[str, Any]]:
    """Return the writes that end a registration here and begin it on another session, to be made with both ledgers.

    What was paid, billed or invoiced since it was read fails them: the row that is written anew would not have it.
    """
    rosters = settings().rosters_table
    begin = {"TableName": rosters, "Item": registration_item(moved), "ConditionExpression": NEW}
    end = {
        "TableName": rosters,
        "Key": keys.registration(was.org, was.session, was.id).stored(),
        "UpdateExpression": "SET removed_at = :now, removed_by = :by, moved_to = :to, "
        "confirmed_at = if_not_exists(confirmed_at, created_at)",
        "ConditionExpression": f"{SAME_ATTEMPT} AND {NOT_REMOVED} AND {_invoice_as_read(was)} AND {_money_as_read(was)} "
        f"AND {RETURNED if was.discount_returned else NOT_RETURNED}",
        "ExpressionAttributeValues": {
            ":now": stored(times.written(now)),
            ":by": stored(by),
            ":to": stored(keys.joined(moved.session, moved.id)),
            ":nonce": stored(was.nonce),
            **_invoice_read(was),
            **_money_read(was),
        },
    }
    guards = [{"Put": guard(moved, name, None)} for name in distinct(moved)]
    return [{"Put": begin}, {"Update": end}, *guards, *releases(was)]


def _invoice_as_read(was: Registration) -> str:
    return INVOICE_AS_READ if was.invoice else NO_INVOICE


def _invoice_read(was: Registration) -> Item:
    return {":invoice": stored(was.invoice)} if was.invoice else {}


def _money_as_read(was: Registration) -> str:
    return f"{BILLING_AS_READ} AND {PAYMENTS_AS_READ if was.payments else NO_PAYMENTS}"


def _money_read(was: Registration) -> Item:
    return {":billing": stored(was.billing), **({":seen": stored(len(was.payments))} if was.payments else {})}
