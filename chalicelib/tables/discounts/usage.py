"""Uses of a discount code.

A use is counted in the transaction that writes the row of its registration or invitation, and that row records when the use is
returned: so it is counted once and returned once, despite crashes and retries. A row that is taken back takes its use with it.
A use is open until the spots are taken or held. Until then a row names its registration or invitation, so that an abandoned use is found.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chalicelib.config import config
from chalicelib.rules import links, times
from chalicelib.rules.addresses import compared
from chalicelib.rules.discounts import Discount, OpenUse, Reduction
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, THERE, Condition, Update, absent, below, equals, present, same_attempt
from chalicelib.tables.discounts.shares import count_write, uncount_write, use_write
from chalicelib.tables.items import Item, item, plain, stored

NOT_RETURNED = absent("discount_returned")
REGISTERED_HERE = present("confirmed_at") & absent("moved_to")
ENDED = present("ended") & absent("registration")
Discounted = Registration | Invitation


def use_writes(discount: Discount, discounted: Discounted, elsewhere: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the writes that count a use, for the transaction that writes its row. The customer's count comes last.

    `elsewhere`: uses by the customer's other addresses. The writes fail when the code was edited or these have changed since they were
    read, or the share has no use left.
    """
    assert discounted.discount
    return [_open(discounted), *count_writes(discount, discounted.discount, elsewhere)]


def count_writes(discount: Discount, reduction: Reduction, elsewhere: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the writes that count a use by the customer of `reduction`, whose own count comes last. `elsewhere` as in `use_writes`."""
    others = [_check_used(discount, by, used) for by, used in elsewhere.items()]
    return [use_write(discount, reduction), *others, _uses_of_customer(discount, reduction, sum(elsewhere.values()))]


def uses_left_for_customer(most: int) -> Condition:
    return absent("used") | below("used", most)


def used_as_read(used: int) -> Condition:
    return equals("used", used) if used else absent("used") | equals("used", 0)


def return_writes(discounted: Discounted) -> list[dict[str, Any]]:
    """Return the writes that return the use counted with this row; none when there is no use, or it is returned already."""
    counted = discounted.discount is not None and not discounted.discount_returned
    kept_by_its_invitation = isinstance(discounted, Registration) and discounted.invitation
    return _taken_off(discounted) if counted and not kept_by_its_invitation else []


def return_use(discounted: Discounted) -> bool:
    """Return the use of a removed registration or an ended invitation to the code. Idempotent.

    True when this call did it.
    """
    if discounted.discount is None or discounted.discount_returned:
        return False
    of_registration = isinstance(discounted, Registration)
    key = keys.registration if of_registration else keys.invitation
    counted = same_attempt(discounted.nonce) & NOT_RETURNED & (REGISTERED_HERE if of_registration else ENDED)
    returned = Update().set(discount_returned=True)
    note = dynamodb.update_write(config().rosters_table, key(discounted.org, discounted.session, discounted.id), returned, counted)
    for taken_off in (_taken_off(discounted), _taken_off(discounted, of_nobody=True)):
        try:
            dynamodb.transact([note, *taken_off])
        except dynamodb.TransactionFailed as failed:
            if failed.reasons[0] is not None:
                return False
        else:
            return True
    return False


def open_uses(org: str, code: str) -> Iterator[OpenUse]:
    """Yield the open uses of a code."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :discounts AND begins_with(sk, :uses)",
        ExpressionAttributeValues={
            ":discounts": stored(keys.discount(org, code).pk),
            ":uses": stored(keys.open_discount_use(org, code, "").sk),
        },
        ConsistentRead=True,
    )
    return (_open_use_from(row) for row in found)


def finish(discounted: Discounted) -> None:
    """End the open state of a use, once the spots are taken or held. Idempotent."""
    if discounted.discount is None:
        return
    try:
        dynamodb.delete(config().records_table, _open_key(discounted), THERE)
    except dynamodb.ConditionFailed:
        return


def counted_as(org: str, email: str) -> str:
    """Return the pseudonym under which the uses of an address are counted. It cannot be derived from an address without the link key."""
    return links.pseudonym(config().link_key, "discount", org, compared(email))


def uses_by(discount: Discount, emails: Iterable[str]) -> dict[str, int]:
    """Return the uses of the code by these addresses: pseudonym → count."""
    wanted = {by: keys.discount_uses(discount.org, discount.code, by) for by in (counted_as(discount.org, email) for email in emails)}
    found = dynamodb.batch_get({config().records_table: list(wanted.values())}) if wanted else {}
    return {by: plain(found[key])["used"] if key in found else 0 for by, key in wanted.items()}


def _uses_of_customer(discount: Discount, reduction: Reduction, elsewhere: int) -> dict[str, Any]:
    condition = ALWAYS
    if discount.max_uses_per_customer is not None:
        most = discount.max_uses_per_customer - elsewhere
        condition = uses_left_for_customer(most) if most > 0 else below("used", most)
    return count_write(keys.discount_uses(discount.org, discount.code, reduction.by), 1, condition)


def _check_used(discount: Discount, by: str, used: int) -> dict[str, Any]:
    return dynamodb.check(config().records_table, keys.discount_uses(discount.org, discount.code, by), used_as_read(used))


def _open(discounted: Discounted) -> dict[str, Any]:
    """Return the write of the open use, which may overwrite one that an invitation left open before it was revived.

    It needs no condition: the row of the registration or invitation, in the same transaction, has one.
    """
    of_registration = isinstance(discounted, Registration)
    facts = {
        "of": "registration" if of_registration else "invitation",
        "session": discounted.session,
        "own": discounted.id,
        "at": times.written(discounted.created_at if isinstance(discounted, Registration) else discounted.begun_at),
    }
    return dynamodb.put_write(config().records_table, {**_open_key(discounted).stored(), **item(facts)}, ALWAYS)


def _open_key(discounted: Discounted) -> keys.Key:
    assert discounted.discount
    return keys.open_discount_use(discounted.org, discounted.discount.code, discounted.public_id)


def _open_use_from(row: Item) -> OpenUse:
    values = plain(row)
    return OpenUse(values["of"], values["session"], values["own"], times.read(values["at"]))


def _taken_off(discounted: Discounted, *, of_nobody: bool = False) -> list[dict[str, Any]]:
    """Return the writes that lower the counts and delete the open use, if it still exists.

    The row of the registration or invitation has the condition. The count of an erased customer is gone; `of_nobody` leaves it out.
    """
    assert discounted.discount
    counted = uncount_writes(discounted.org, discounted.discount, of_nobody=of_nobody)
    return [*counted, dynamodb.delete_write(config().records_table, _open_key(discounted), ALWAYS)]


def uncount_writes(org: str, reduction: Reduction, *, of_nobody: bool = False) -> list[dict[str, Any]]:
    """Return the writes that take a use off the counts. `of_nobody`: the customer was erased, whose count is gone."""
    writes = [uncount_write(org, reduction)]
    if reduction.by and not of_nobody:
        writes.append(count_write(keys.discount_uses(org, reduction.code, reduction.by), -1, THERE))
    return writes
