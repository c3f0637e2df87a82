"""Invoices: a row each, and a count for each year. One transaction counts and writes, so that numbers have no gap and no duplicate."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules.invoices import Invoice, joined
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registration_history import BillingChange
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import NEW, Condition, Update, absent, equals, has_length, same_attempt
from chalicelib.tables.items import Item, item, plain, stored
from chalicelib.tables.registrations.rows import BILLING_CHANGES, registration_from

NOT_INVOICED = absent("invoice")
NOT_MOVED = absent("moved_to")
MOST_AT_ONCE = 100
INVOICES = Codec(Invoice, elsewhere={"org"}, always={"address", "vat_number"})


class NumberTaken(Exception):
    """Another invoice took the number first."""


class RegistrationChanged(Exception):
    """The registration has changed since it was read; it may have its invoice already."""


def count(org: str, year: int, *, credit: bool = False) -> int:
    """Return the number of invoices, or credit notes, that the organisation issued in a year."""
    found = dynamodb.get(config().records_table, keys.invoice_count(org, year, credit=credit))
    return int(found["issued"]["N"]) if found else 0


def write(invoice: Invoice, registered: Sequence[Registration], *, year: int, seen: int, by: str, now: datetime) -> None:
    """Count the invoice, write it and record it on its registrations, in one transaction. Raises NumberTaken, RegistrationChanged."""
    writes = [_invoice_write(invoice.number, registration, by=by, now=now) for registration in registered]
    try:
        dynamodb.transact([*writes, *number_writes(invoice, year=year, seen=seen)])
    except dynamodb.TransactionFailed as failed:
        if any(reason is not None for reason in failed.reasons[: len(writes)]):
            raise RegistrationChanged from None
        raise NumberTaken from None


def number_writes(invoice: Invoice, *, year: int, seen: int) -> list[dict[str, Any]]:
    """Return the writes that count an invoice or credit note and store it. They fail when the count has changed since it was read."""
    records, key = config().records_table, keys.invoice_count(invoice.org, year, credit=bool(invoice.credits))
    count_as_read = equals("issued", seen) if seen else NEW
    counting = dynamodb.put_write(records, {**key.stored(), "issued": stored(seen + 1)}, count_as_read)
    return [counting, dynamodb.put_write(records, _item(invoice), NEW)]


def get(org: str, number: str) -> Invoice:
    """Return the invoice. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.invoice(org, number))
    if not found:
        raise NotFound
    return _invoice_from(org, found)


def note_checkout(invoice: Invoice, id: str) -> bool:
    """Record a payment page of an invoice. False when the invoice was cancelled meanwhile, or the page was closed."""
    if id in invoice.checkouts:
        return True
    change, key = Update().append("checkouts", id), keys.invoice(invoice.org, invoice.number)
    as_seen = absent("credited_by") & _pages_as_read(invoice)
    try:
        dynamodb.update(config().records_table, key, change, as_seen, want="NONE")
    except dynamodb.ConditionFailed:
        current = get(invoice.org, invoice.number)
        return not current.credited_by and id not in current.closed_checkouts and note_checkout(current, id)
    return True


def note_closed(invoice: Invoice) -> None:
    """Record that the payment pages which were read are closed. Another one that was opened meanwhile stays open."""
    left = absent("checkouts") if not invoice.checkouts else has_length("checkouts", len(invoice.checkouts))
    change = Update().remove("checkouts").append("closed_checkouts", *invoice.checkouts)
    try:
        dynamodb.update(config().records_table, keys.invoice(invoice.org, invoice.number), change, left, want="NONE")
    except dynamodb.ConditionFailed:
        return


def _pages_as_read(invoice: Invoice) -> Condition:
    opened, closed = invoice.checkouts, invoice.closed_checkouts
    same_open = has_length("checkouts", len(opened)) if opened else absent("checkouts")
    return same_open & (has_length("closed_checkouts", len(closed)) if closed else absent("closed_checkouts"))


def several(org: str, numbers: Iterable[str]) -> list[Invoice]:
    """Return the existing ones of many invoices and credit notes, a hundred per request."""
    wanted, rows = [keys.invoice(org, number) for number in numbers], dict[keys.Key, Item]()
    for first in range(0, len(wanted), MOST_AT_ONCE):
        rows |= dynamodb.batch_get({config().records_table: wanted[first : first + MOST_AT_ONCE]})
    return [_invoice_from(org, row) for row in rows.values()]


def with_registration(org: str, number: str) -> tuple[Invoice, Registration]:
    """Return an invoice and its registration, following transfers; of several, one that stands for all. Raises NotFound."""
    invoice, registered = with_registrations(org, number)
    return invoice, joined(registered)


def with_registrations(org: str, number: str) -> tuple[Invoice, list[Registration]]:
    """Return an invoice and all its registrations, following transfers. Raises NotFound."""
    invoice = get(org, number)
    return invoice, [_current(org, id) for id in invoice.registration_ids]


def _current(org: str, public_id: str) -> Registration:
    registration = _registration(org, public_id)
    while registration.moved_to:
        registration = _registration(org, registration.moved_to)
    return registration


def page(org: str, *, limit: int, start: Item | None) -> tuple[list[Invoice], Item | None]:
    """Return a page of the organisation's invoices, the latest number first."""
    found, next_start = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :invoices AND begins_with(sk, :invoice)",
        ExpressionAttributeValues={":invoices": stored(keys.invoice(org, "").pk), ":invoice": stored(keys.INVOICE)},
        ScanIndexForward=False,
        Limit=limit,
        start=start,
    )
    return [_invoice_from(org, row) for row in found], next_start


def registrations_of(org: str, listed: Sequence[Invoice]) -> list[list[Registration]]:
    """Return the registrations of each invoice, following transfers."""
    ids = [id for invoice in listed for id in invoice.registration_ids]
    found = _registrations(org, ids)
    while moved := {id: found[id].moved_to for id in ids if found[id].moved_to}:
        ids = [moved.get(id, id) for id in ids]
        found |= _registrations(org, moved.values())
    current = iter(ids)
    return [[found[next(current)] for _ in invoice.registration_ids] for invoice in listed]


def _registrations(org: str, public_ids: Iterable[str]) -> dict[str, Registration]:
    wanted = {public_id: keys.registration(*Ref.parse(org, public_id)) for public_id in public_ids}
    ids, rows = list(wanted.values()), dict[keys.Key, Item]()
    for first in range(0, len(ids), MOST_AT_ONCE):
        rows |= dynamodb.batch_get({config().rosters_table: ids[first : first + MOST_AT_ONCE]})
    return {public_id: registration_from(rows[key]) for public_id, key in wanted.items()}


def _registration(org: str, public_id: str) -> Registration:
    found = dynamodb.get(config().rosters_table, keys.registration(*Ref.parse(org, public_id)))
    if not found:
        raise NotFound
    return registration_from(found)


def _invoice_write(number: str, registration: Registration, *, by: str, now: datetime) -> dict[str, Any]:
    """Return the write that records the invoice's number on the registration, and bills an unpaid one as invoiced."""
    change = Update().set(invoice=number)
    if registration.billing == "unpaid":
        billing_change = BILLING_CHANGES.write(BillingChange("invoiced", now, by))
        change = change.set(billing="invoiced").append("billing_history", billing_change)
    key = keys.registration(registration.org, registration.session, registration.id)
    return dynamodb.update_write(config().rosters_table, key, change, as_billed(registration) & NOT_INVOICED & NOT_MOVED)


def as_billed(registration: Registration) -> Condition:
    """The facts in the registration's invoice are unchanged since it was read."""
    billed = equals("billing", registration.billing) & equals("party_size", registration.party_size)
    return same_attempt(registration.nonce) & billed


def _item(invoice: Invoice) -> Item:
    return {**keys.invoice(invoice.org, invoice.number).stored(), **item(INVOICES.write(invoice))}


def _invoice_from(org: str, found: Item) -> Invoice:
    return INVOICES.read(plain(found), org=org)
