"""Reads all facts that a decision about a basket needs, in one request."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.rules.codes import Code
from chalicelib.rules.contracts import ContractTerms
from chalicelib.rules.discounts import Discount
from chalicelib.rules.orders import Order
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import contracts, dynamodb, keys
from chalicelib.tables.booking_context import BookingContext, booking_context_from, booking_context_keys
from chalicelib.tables.codes import code_or_none
from chalicelib.tables.customers.other_addresses import other_addresses_from
from chalicelib.tables.discounts import discount_from
from chalicelib.tables.items import Item
from chalicelib.tables.orders import order_from
from chalicelib.tables.organisations import organisation_from


class LineKeys(NamedTuple):
    """What a line of a basket names: a session, and the id of an invitation or an invitation code in its stored form."""

    session: str
    invitation: str = ""
    code: str = ""


class LineContext(NamedTuple):
    booking: BookingContext | None
    """None for an unknown session."""
    code: Code | None
    terms: ContractTerms | None
    """Of the code's contract."""


class BasketContext(NamedTuple):
    order: Order | None
    """The order that an earlier attempt of the same request has begun."""
    organisation: Organisation
    lines: list[LineContext]
    discount: Discount | None
    misses: tuple[Item | None, ...]
    """The counts of wrong codes, as stored."""
    other_addresses: tuple[str, ...]
    """The other addresses of the same customer, after a merge."""


def read(
    org: str,
    wanted: Sequence[LineKeys],
    *,
    order: str = "",
    email: str = "",
    discount: str = "",
    misses: tuple[keys.Key, ...] = (),
) -> BasketContext:
    """Return the context of up to twenty lines, in one request. `discount` is a code in its stored form. Raises NotFound without the
    organisation."""
    found = dynamodb.batch_get(_keys(org, wanted, order=order, email=email, discount=discount, misses=misses))
    if keys.organisation(org) not in found:
        raise NotFound
    of_order, of_discount = found.get(keys.order(org, order)), found.get(keys.discount(org, discount))
    return BasketContext(
        order=order_from(of_order) if of_order else None,
        organisation=organisation_from(found[keys.organisation(org)]),
        lines=[_line(org, line, found, email) for line in wanted],
        discount=discount_from(org, of_discount) if of_discount else None,
        misses=tuple(found.get(key) for key in misses),
        other_addresses=other_addresses_from(found.get(keys.address(org, email)), email),
    )


def _keys(
    org: str, wanted: Sequence[LineKeys], *, order: str, email: str, discount: str, misses: tuple[keys.Key, ...]
) -> dict[str, list[keys.Key]]:
    on_rosters = [keys.order(org, order)] if order else []
    for line in wanted:
        on_rosters += booking_context_keys(org, line.session, invitation=line.invitation)[config().rosters_table]
    of_full = [keys.full_session(org, line.session) for line in wanted if not line.invitation]
    of_codes = [keys.code(org, line.code) for line in wanted if line.code]
    in_records = [keys.organisation(org), *([keys.address(org, email)] if email else [])]
    in_records += [keys.discount(org, discount)] if discount else []
    in_records += [keys.contract_terms(org)] if of_codes else []
    return {
        config().rosters_table: on_rosters,
        config().records_table: in_records,
        config().codes_table: of_codes,
        config().memory_table: [*misses, *of_full],
    }


def _line(org: str, line: LineKeys, found: Mapping[keys.Key, Item], email: str) -> LineContext:
    code = code_or_none(found.get(keys.code(org, line.code))) if line.code else None
    terms = contracts.terms_of(found.get(keys.contract_terms(org))).get(code.contract) if code else None
    try:
        booking = booking_context_from(org, line.session, found, email=email, invitation=line.invitation)
    except NotFound:
        booking = None
    return LineContext(booking, code, terms)
