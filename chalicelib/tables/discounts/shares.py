"""The shares of a discount code, a row each: they are read, used and allotted here. `rules/discount_shares.py` states the rule."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.config import config
from chalicelib.rules.discount_shares import SHARES, DiscountShare, UseCounts, allotments
from chalicelib.rules.discounts import Discount, Reduction, compared
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, THERE, Condition, Update, absent, as_read, at_most, below, equals, smaller
from chalicelib.tables.items import Item, stored


def with_shares(discount: Discount) -> Discount:
    """Return the code as it was read, with its shares, and with all of its uses. One query of 32 small rows at most."""
    (counted,) = with_all_shares(discount.org, [discount], of=discount.code)
    return counted


def with_all_shares(org: str, discounts: Sequence[Discount], *, of: str = "") -> list[Discount]:
    """Return the codes with their shares, in one query. `of`: read the shares of this code only."""
    found: dict[str, dict[int, DiscountShare]] = {}
    for row in _rows(org, of):
        _, code, number = row["sk"]["S"].split("#")
        found.setdefault(code, {})[int(number)] = DiscountShare(_number(row, "used"), _number(row, "allotted"))
    return [_counted(one, found.get(compared(one.code), {})) for one in discounts]


def _counted(discount: Discount, found: dict[int, DiscountShare]) -> Discount:
    counts = UseCounts(discount.used, [found.get(number, DiscountShare()) for number in range(SHARES)])
    return replace(discount, used=counts.used, counts=counts)


def _rows(org: str, code: str) -> Iterator[Item]:
    return dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :shares AND begins_with(sk, :code)",
        ExpressionAttributeValues={
            ":shares": stored(keys.discount_share(org, code, 0).pk),
            ":code": stored(keys.discount_shares(code)),
        },
        ConsistentRead=True,
    )


def _number(row: Item, name: str) -> int:
    return int(row[name]["N"]) if name in row else 0


def use_write(discount: Discount, reduction: Reduction) -> dict[str, Any]:
    """Return the write that counts a use on the reduction's share. It fails when the share has none left, or the code was edited."""
    condition = not_edited(discount.version)
    if discount.max_uses is not None:
        condition &= uses_left()
    return count_write(_key(discount.org, reduction), 1, condition)


def uncount_write(org: str, reduction: Reduction) -> dict[str, Any]:
    """Return the write that takes a use off the row where it was counted."""
    return count_write(_key(org, reduction), -1, THERE)


def count_write(key: keys.Key, by: int, condition: Condition) -> dict[str, Any]:
    return dynamodb.update_write(config().records_table, key, Update().add(used=by), condition)


def uses_left() -> Condition:
    return smaller("used", "allotted")


def not_edited(version: int) -> Condition:
    """No edit of the code is newer than the version that was read."""
    return absent("version") | at_most("version", version)


def forbid_earlier_versions(discount: Discount) -> None:
    """Let no booking use the code that read it before this version. Each share is a write of its own: a transaction of all of them
    would conflict with every booking of a rush.
    """
    for number in range(SHARES):
        key = keys.discount_share(discount.org, discount.code, number)
        try:
            dynamodb.update(config().records_table, key, Update().set(version=discount.version), _older_than(discount.version), want="NONE")
        except dynamodb.ConditionFailed:
            continue  # A later edit has been here.


def _older_than(version: int) -> Condition:
    return absent("version") | below("version", version)


def allot(discount: Discount) -> bool:
    """Allot the uses of a code with a limit to its shares, or take back the surplus, as `discount` was read.

    False when another request has allotted or edited meanwhile, or used a part that was to be taken back.
    """
    assert discount.counts
    assert discount.max_uses is not None
    changes = allotments(discount.counts, discount.max_uses)
    row = Update().add(used=sum(changes.values()))
    of_row = equals("used", discount.counts.on_row) & as_read(discount.version)
    writes = [dynamodb.update_write(config().records_table, keys.discount(discount.org, discount.code), row, of_row)]
    for number, change in changes.items():
        key, share = keys.discount_share(discount.org, discount.code, number), discount.counts.shares[number]
        change_of_share = Update().add(allotted=change).default(used=0)
        # Only the transaction that changes the row's count changes the allotments: they are as they were read.
        unused = at_most("used", share.allotted + change) if change < 0 else ALWAYS
        writes.append(dynamodb.update_write(config().records_table, key, change_of_share, unused))
    try:
        dynamodb.transact(writes, after_conflicts=False)
    except dynamodb.TransactionFailed:
        return False
    return True


def _key(org: str, reduction: Reduction) -> keys.Key:
    if reduction.share is None:
        return keys.discount(org, reduction.code)
    return keys.discount_share(org, reduction.code, reduction.share)
