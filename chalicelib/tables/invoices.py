"""Invoices: a row each, and a count for each year. One transaction decides a number, so that none is missing and none is there twice."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.invoices import Invoice, Line
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored
from chalicelib.tables.registrations import registration_from

NEW = "attribute_not_exists(pk)"
COUNT_AS_READ = "issued = :seen"
NOT_INVOICED = "attribute_not_exists(invoice)"
NOT_MOVED = "attribute_not_exists(moved_to)"
MOST_AT_ONCE = 100
OF_CORRECTIONS = {"credits", "credited_by", "replaced_by"}
AS_READ = "nonce = :nonce AND billing = :billing AND party_size = :size"


class NumberTaken(Exception):
    """Another invoice has the number."""


class RegistrationChanged(Exception):
    """The registration is not as it was read; perhaps it has its invoice."""


def count(org: str, year: int, *, credit: bool = False) -> int:
    """Return how many invoices, or credit notes, the organisation has issued in a year."""
    found = requests.get(settings().records_table, keys.invoice_count(org, year, credit=credit))
    return int(found["issued"]["N"]) if found else 0


def write(invoice: Invoice, registration: Registration, *, year: int, seen: int, by: str, now: datetime) -> None:
    """Count the invoice, write it and note it on its registration: all three or nothing. Raises NumberTaken, RegistrationChanged."""
    mark = {"Update": _mark(invoice.number, registration, by=by, now=now)}
    try:
        requests.transact([*numbering(invoice, year=year, seen=seen), mark])
    except requests.TransactionFailed as failed:
        if failed.reasons[-1] is not None:
            raise RegistrationChanged from None
        raise NumberTaken from None


def numbering(invoice: Invoice, *, year: int, seen: int) -> list[dict[str, Any]]:
    """Return the writes that count an invoice or credit note and keep it. They fail when somebody else counted meanwhile."""
    counting = {
        "TableName": settings().records_table,
        "Item": {**keys.invoice_count(invoice.org, year, credit=bool(invoice.credits)).stored(), "issued": stored(seen + 1)},
        **({"ConditionExpression": COUNT_AS_READ, "ExpressionAttributeValues": {":seen": stored(seen)}} if seen else _if_new()),
    }
    row = {"TableName": settings().records_table, "Item": _item(invoice), **_if_new()}
    return [{"Put": counting}, {"Put": row}]


def get(org: str, number: str) -> Invoice:
    """Return the invoice, or NotFound."""
    found = requests.get(settings().records_table, keys.invoice(org, number))
    if not found:
        raise NotFound
    return _invoice_from(org, found)


def several(org: str, numbers: Iterable[str]) -> list[Invoice]:
    """Return those that are there of many invoices and credit notes, a hundred a request."""
    wanted, rows = [keys.invoice(org, number) for number in numbers], dict[keys.Key, Item]()
    for first in range(0, len(wanted), MOST_AT_ONCE):
        rows |= requests.batch_get({settings().records_table: wanted[first : first + MOST_AT_ONCE]})
    return [_invoice_from(org, entry) for entry in rows.values()]


def with_registration(org: str, number: str) -> tuple[Invoice, Registration]:
    """Return an invoice and its registration, wherever that one was moved. Raises NotFound."""
    invoice = get(org, number)
    registration = _registration(org, invoice.registration)
    while registration.moved_to:
        registration = _registration(org, registration.moved_to)
    return invoice, registration


def page(org: str, *, limit: int, start: Item | None) -> tuple[list[Invoice], Item | None]:
    """Return a page of the organisation's invoices, the latest number first."""
    found, following = requests.query_page(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :invoices AND begins_with(sk, :invoice)",
        ExpressionAttributeValues={":invoices": stored(keys.invoice(org, "").pk), ":invoice": stored(keys.INVOICE)},
        ScanIndexForward=False,
        Limit=limit,
        **({"ExclusiveStartKey": start} if start else {}),
    )
    return [_invoice_from(org, entry) for entry in found], following


def registrations_of(org: str, listed: Sequence[Invoice]) -> list[Registration]:
    """Return the registration of each invoice, wherever it was moved."""
    places = [invoice.registration for invoice in listed]
    found = _registrations(org, places)
    while moved := {place: found[place].moved_to for place in places if found[place].moved_to}:
        places = [moved.get(place, place) for place in places]
        found |= _registrations(org, moved.values())
    return [found[place] for place in places]


def _registrations(org: str, public_ids: Iterable[str]) -> dict[str, Registration]:
    wanted = {public_id: keys.registration(org, *keys.parted(public_id)) for public_id in public_ids}
    places, rows = list(wanted.values()), dict[keys.Key, Item]()
    for first in range(0, len(places), MOST_AT_ONCE):
        rows |= requests.batch_get({settings().rosters_table: places[first : first + MOST_AT_ONCE]})
    return {public_id: registration_from(rows[key]) for public_id, key in wanted.items()}


def _registration(org: str, public_id: str) -> Registration:
    found = requests.get(settings().rosters_table, keys.registration(org, *keys.parted(public_id)))
    if not found:
        raise NotFound
    return registration_from(found)


def _mark(number: str, registration: Registration, *, by: str, now: datetime) -> dict[str, Any]:
    """Return the write that notes the invoice's number, and that it is to be paid, unless its billing says something else already."""
    values = {
        ":number": stored(number),
        ":nonce": stored(registration.nonce),
        ":billing": stored(registration.billing),
        ":size": stored(registration.party_size),
    }
    change = "SET invoice = :number"
    if registration.billing == "unpaid":
        step = {"status": "invoiced", "at": times.written(now), "by": by, "note": ""}
        change += ", billing = :invoiced, billing_history = list_append(if_not_exists(billing_history, :none), :step)"
        values |= {":invoiced": stored("invoiced"), ":step": stored([step]), ":none": stored([])}
    return {
        "TableName": settings().rosters_table,
        "Key": keys.registration(registration.org, registration.session, registration.id).stored(),
        "UpdateExpression": change,
        "ConditionExpression": f"{AS_READ} AND {NOT_INVOICED} AND {NOT_MOVED}",
        "ExpressionAttributeValues": values,
    }


def _if_new() -> dict[str, Any]:
    return {"ConditionExpression": NEW}


def _item(invoice: Invoice) -> Item:
    values = asdict(invoice)
    return {
        **keys.invoice(invoice.org, invoice.number).stored(),
        **item(
            {
                **{name: value for name, value in values.items() if name != "org" and (value != "" or name not in OF_CORRECTIONS)},
                "issued_at": times.written(invoice.issued_at),
                "lines": [{**asdict(line), "price": line.price._asdict()} for line in invoice.lines],
            }
        ),
    }


def _invoice_from(org: str, found: Item) -> Invoice:
    values = plain(found)
    kept = {name: values[name] for name in Invoice.__dataclass_fields__ if name in values}
    return Invoice(
        **{
            **kept,
            "org": org,
            "issued_at": times.read(values["issued_at"]),
            "lines": tuple(Line(**{**line, "price": Money(**line["price"])}) for line in values["lines"]),
        }
    )
