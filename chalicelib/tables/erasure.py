"""Rows of any kind with personal data: read in bulk, then deleted, or rewritten if unchanged since they were read."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.config import config
from chalicelib.rules.customers import Customer
from chalicelib.rules.erasure import Row
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import THERE, Update, absent, all_of, as_read, equals
from chalicelib.tables.customers.index import index_writes
from chalicelib.tables.items import Item, plain, stored

ATTEMPTS = 10


def roster(org: str, session: str) -> Iterator[Item]:
    """Yield all rows of a session, guard rows included."""
    return _partition(config().rosters_table, keys.roster(org, session))


def records(pk: str) -> Iterator[Item]:
    return _partition(config().records_table, pk)


def messages_to(org: str, email: str) -> Iterator[Item]:
    return dynamodb.query(
        TableName=config().messages_table,
        IndexName="recipient",
        KeyConditionExpression="recipient = :of",
        ExpressionAttributeValues={":of": stored(keys.recipient(org, email))},
        ProjectionExpression="pk, #data",
        ExpressionAttributeNames={"#data": "data"},
    )


def rewrite(table: str, row: Item, change: Callable[[Row], Row]) -> None:
    """Write the attributes that `change` alters over the row that was read. After a concurrent write, read again; a deleted row is left."""
    key = _key(row)
    for _ in range(ATTEMPTS):
        if _swap(table, key, plain(row), change(plain(row))):
            return
        found = dynamodb.get(table, key)
        if found is None:
            return
        row = found
    raise ChangedMeanwhile


def delete(table: str, row: Item) -> None:
    """Delete the row, if it exists."""
    try:
        dynamodb.delete(table, _key(row), THERE)
    except dynamodb.ConditionFailed:
        return


def rewrite_unlisted(org: str, session: str, change: Callable[[Row], Row]) -> None:
    """Rewrite the unlisted entries of a session's waitlist, as `rewrite` does."""
    row = dynamodb.get(config().memory_table, keys.unlisted_entries(org, session))
    if row is not None:
        rewrite(config().memory_table, row, change)


def delete_sign_up(org: str, id: str) -> None:
    delete(config().memory_table, keys.sign_up(org, id).stored())


def delete_address(org: str, email: str, customer: str) -> None:
    """Delete an address's row (e-mail preferences and owner), unless it is another customer's by now."""
    nobody_elses = THERE & (absent("customer") | equals("customer", customer))
    try:
        dynamodb.delete(config().records_table, keys.address(org, email), nobody_elses)
    except dynamodb.ConditionFailed:
        return


def delete_customer(customer: Customer) -> None:
    """Delete a customer's row and those that lead to it, signed by the erasure: the audit log takes nothing of it, even if another
    deletion was begun before.

    Raises ChangedMeanwhile if it has changed since it was read: other rows may lead to it now.
    """
    table, key = config().records_table, keys.customer(customer.org, customer.id)
    dynamodb.sign(table, key)
    try:
        dynamodb.transact([dynamodb.delete_write(table, key, as_read(customer.version)), *index_writes(None, was=customer)])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def delete_reset(user: str) -> None:
    delete(config().memory_table, keys.reset(user).stored())


def drop_note(org: str, code: str) -> None:
    """Remove the note of an invitation code."""
    try:
        dynamodb.update(config().codes_table, keys.code(org, code), Update().remove("note"), THERE, want="NONE")
    except dynamodb.ConditionFailed:
        return


def drop_uses(org: str, code: str, by: str) -> None:
    """Delete the count of a person's uses of a discount code."""
    delete(config().records_table, keys.discount_uses(org, code, by).stored())


def _key(row: Item) -> keys.Key:
    return keys.Key(row["pk"]["S"], row["sk"]["S"] if "sk" in row else "")


def _partition(table: str, pk: str) -> Iterator[Item]:
    return dynamodb.query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": stored(pk)}, ConsistentRead=True
    )


def _swap(table: str, key: keys.Key, old: Row, new: Mapping[str, Any]) -> bool:
    """Change the attributes that differ. False when one of them has changed since it was read."""
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not changed:
        return True
    seen = all_of(equals(name, old[name]) if name in old else absent(name) for name in changed)
    try:
        dynamodb.update(table, key, Update().set(**{name: new.get(name) for name in changed}), seen, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True
