"""All rows of an organisation in Records, one partition after another: no row of another organisation is read."""

from collections.abc import Iterator
from typing import get_args

from chalicelib.config import config
from chalicelib.rules.customers import PortalStatus, index_words, search_text
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.items import Item, stored


def rows(org: str) -> Iterator[Item]:
    """Yield every row, in no order."""
    further: set[str] = set()
    for pk in partitions(org):
        for row in _partition(pk):
            further.update(leads_to(org, row))
            yield row
    for pk in sorted(further):
        yield from _partition(pk)


def partitions(org: str) -> list[str]:
    """Return the partitions that each organisation may have. A new kind of row that lies in none of them belongs here or to `leads_to`."""
    of_statuses = (keys.customers_of_status(org, status) for status in get_args(PortalStatus))
    lists = [keys.customer(org, "").pk, keys.customers_of_many_groups(org), *of_statuses]
    settings = [keys.import_marker(org).pk, keys.quota_counts(org).pk, keys.stripe_keys(org).pk, keys.template(org, "", "").pk]
    programs = [keys.api_keys(org), keys.webhooks(org)]
    work = [keys.job(org, "").pk, keys.notification(org, "").pk, keys.import_(org, "").pk, keys.meetings(org)]
    records = [keys.audit(org, "").pk, keys.audit_erased(org, "").pk, keys.figures(org), keys.invoice_count(org, 0).pk]
    terms = [keys.contract(org, "").pk, keys.discount(org, "").pk, keys.discount_share(org, "", 0).pk]
    return [org, *lists, *settings, *programs, *work, *records, *terms]


def leads_to(org: str, row: Item) -> Iterator[str]:
    """Yield the partitions of which only this row knows: of a contract, a webhook, a group, and of a customer's words and groups."""
    partition, sort_key = row["pk"]["S"], row["sk"]["S"]
    if sort_key.startswith(keys.CONTRACT):
        yield keys.under_contract(org, sort_key.removeprefix(keys.CONTRACT))
    elif partition == keys.webhooks(org):
        yield keys.webhook_deliveries(org, sort_key.removeprefix(keys.WEBHOOK))
    elif partition == keys.customer(org, "").pk and sort_key.startswith(keys.GROUP):
        yield keys.customers_of_group(org, sort_key.removeprefix(keys.GROUP))
    elif partition == keys.customer(org, "").pk and sort_key.startswith(keys.CUSTOMER):
        yield from _lists_of(org, row)


def _lists_of(org: str, row: Item) -> Iterator[str]:
    """Yield the lists that a customer is in, but those of everybody. One who was merged into another is in none."""
    if "directory" in row:
        customer = customer_from(row)
        yield from (keys.customer_words(org, word) for word in index_words(search_text(customer)))
        yield from (keys.customers_of_group(org, group) for group in customer.groups)


def _partition(pk: str) -> Iterator[Item]:
    return dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": stored(pk)},
        ConsistentRead=True,
    )
