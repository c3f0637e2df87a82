"""Discount codes for staff: a row each. It is read without its shares (`shares.with_shares`)."""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.config import config
from chalicelib.rules.discounts import Discount, DiscountExists
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec, names
from chalicelib.tables.conditions import Update, as_read
from chalicelib.tables.items import Item, item, plain, stored

DISCOUNTS = Codec(Discount, elsewhere={"org", "counts"}, always=names(Discount))


def create(discount: Discount) -> Discount:
    """Write a new code and return it. Idempotent for one request. Raises DiscountExists."""
    row = {**keys.discount(discount.org, discount.code).stored(), **item({**DISCOUNTS.write(discount), "used": 0})}
    try:
        dynamodb.put_new(config().records_table, row)
    except dynamodb.ConditionFailed as failed:
        current = discount_from(discount.org, failed.old or {})
        if current.made_by != discount.made_by:
            raise DiscountExists from None
        return current
    return discount


def find(org: str, typed: str) -> Discount | None:
    """Return the code, in any spelling; None for an unknown one."""
    found = dynamodb.get(config().records_table, keys.discount(org, typed))
    return discount_from(org, found) if found else None


def find_with_wrong_codes(
    org: str, session: str, typed: str, *, misses: tuple[keys.Key, ...]
) -> tuple[Discount | None, tuple[Item | None, ...]]:
    """Return the code typed for a session, and the throttle counts under `misses`, in one request.

    Raises NotFound for an unknown session.
    """
    of_session, of_code = keys.session(org, session), keys.discount(org, typed)
    wanted = {config().rosters_table: [of_session], config().records_table: [of_code], config().memory_table: misses}
    found = dynamodb.batch_get(wanted)
    if of_session not in found:
        raise NotFound
    discount = discount_from(org, found[of_code]) if of_code in found else None
    return discount, tuple(found.get(key) for key in misses)


def every(org: str) -> Iterator[Discount]:
    """Yield all codes of the organisation in alphabetical order."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :discounts AND begins_with(sk, :discount)",
        ExpressionAttributeValues={":discounts": stored(keys.discount(org, "").pk), ":discount": stored(keys.DISCOUNT)},
        ConsistentRead=True,
    )
    return (discount_from(org, row) for row in found)


def save(discount: Discount, *, was: Discount) -> Discount:
    """Write the fields that staff may change over the version that was read, without the count of uses. Raises ChangedMeanwhile."""
    change = Update().set(**DISCOUNTS.changes(replace(discount, version=was.version + 1), but={"used"}))
    try:
        saved = dynamodb.update(config().records_table, keys.discount(was.org, was.code), change, as_read(was.version))
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None
    return discount_from(was.org, saved)


def discount_from(org: str, row: Item) -> Discount:
    return DISCOUNTS.read(plain(row), org=org)
