"""The further addresses of a merged customer, kept on the row of each of its addresses, so that a booking reads them with that row."""

from collections.abc import Iterable
from typing import Any

from chalicelib.config import config
from chalicelib.rules.addresses import compared
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, Update, absent, equals
from chalicelib.tables.customers.portal_invitations import every
from chalicelib.tables.items import Item, plain

MOST_AT_ONCE = 100


def other_addresses(org: str, email: str) -> tuple[str, ...]:
    """Return the other addresses of the customer who has this one."""
    found = dynamodb.get(config().records_table, keys.address(org, email))
    return other_addresses_from(found, email)


def other_addresses_from(found: Item | None, email: str) -> tuple[str, ...]:
    """Return the other addresses that the row of this address names. A row of an earlier version names none."""
    addresses = plain(found).get("addresses", ()) if found else ()
    return tuple(other for other in addresses if compared(other) != compared(email))


def main_addresses(org: str, emails: Iterable[str]) -> dict[str, str]:
    """Return further address → main address of those that merged customers have, both as `compared`."""
    wanted = list({keys.address(org, email) for email in emails})
    batches = (wanted[first : first + MOST_AT_ONCE] for first in range(0, len(wanted), MOST_AT_ONCE))
    rows = (row for batch in batches for row in dynamodb.batch_get({config().records_table: batch}).values())
    named = [list(map(compared, plain(row)["addresses"])) for row in rows if "addresses" in row]
    return {further: main for main, *others in named for further in others}


def addresses_change(addresses: list[str]) -> Update:
    """Return the change that names all addresses of a customer on one of their rows; a single address is not named."""
    return Update().set(addresses=addresses if len(addresses) > 1 else None)


def naming_write(org: str, email: str, customer: str, addresses: list[str]) -> dict[str, Any]:
    """Return the write that names all addresses on the row of one that this customer has."""
    return dynamodb.update_write(
        config().records_table, keys.address(org, email), addresses_change(addresses), equals("customer", customer)
    )


def name_addresses(org: str) -> int:
    """Name the addresses of customers that an earlier version has merged, once, and return how many rows lacked them."""
    if dynamodb.get(config().records_table, keys.addresses_named(org)):
        return 0
    named = sum(_named(org, customer.id, [customer.email, *customer.addresses]) for customer in every(org) if customer.addresses)
    dynamodb.put(config().records_table, keys.addresses_named(org).stored(), ALWAYS)
    return named


def _named(org: str, customer: str, emails: list[str]) -> int:
    rows = dynamodb.batch_get({config().records_table: list({keys.address(org, email) for email in emails})})
    linked = {key: email for email in emails if plain(rows.get(key := keys.address(org, email), {})).get("customer") == customer}
    addresses = list(linked.values())
    return sum(_write_addresses(key, customer, addresses) for key in linked) if len(addresses) > 1 else 0


def _write_addresses(key: keys.Key, customer: str, addresses: list[str]) -> bool:
    """Name the addresses on a row. False if a merge has named them already, or another customer has it by now."""
    unnamed = equals("customer", customer) & absent("addresses")
    try:
        dynamodb.update(config().records_table, key, addresses_change(addresses), unnamed, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True
