"""Uses of a discount code.

A use is counted together with the row of the registration or invitation that it is for, and that row says when it was given back:
so it is counted once and given back once, whoever dies or asks again. Rows that are taken back take their use back with them.
Until their spots are taken or held, a use is open: a row of its own names what it is for, so that one that was left behind is found.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chalicelib.rules import links, times
from chalicelib.rules.addresses import compared
from chalicelib.rules.discounts import Discount, OpenUse, Reduction
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.registrations import Registration
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

THERE = "attribute_exists(pk)"
AS_READ = "version = :version"
LEFT = "used < :most"
LEFT_FOR_THEM = "(attribute_not_exists(used) OR used < :most)"
NEVER_USED, USED_AS_READ = "attribute_not_exists(used)", "used = :seen"
SAME_ATTEMPT = "nonce = :nonce"
NOT_RETURNED = "attribute_not_exists(discount_returned)"
STOOD_HERE = "attribute_exists(confirmed_at) AND attribute_not_exists(moved_to)"
OVER = "attribute_exists(ended) AND attribute_not_exists(registration)"
Thing = Registration | Invitation


def use_writes(discount: Discount, thing: Thing, elsewhere: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the writes that count a use of the code as it was read, to be made with the row that it is for; its customer's comes last.

    `elsewhere` is how often the customer has used it by other addresses; the writes fail when that has changed.
    """
    assert thing.discount
    limit = {":most": stored(discount.max_uses)} if discount.max_uses is not None else {}
    all_of_it = {
        **_count(keys.discount(discount.org, discount.code), {":one": stored(1), ":version": stored(discount.version), **limit}),
        "ConditionExpression": f"{AS_READ} AND {LEFT}" if limit else AS_READ,
    }
    as_read = [{"ConditionCheck": _as_read(discount, by, used)} for by, used in elsewhere.items()]
    theirs = _theirs(discount, thing.discount, sum(elsewhere.values()))
    return [{"Put": _open(thing)}, {"Update": all_of_it}, *as_read, {"Update": theirs}]


def return_writes(thing: Thing) -> list[dict[str, Any]]:
    """Return the writes that take back the use that was counted with this row; none, if none was or it is back already."""
    counted = thing.discount is not None and not thing.discount_returned
    kept_by_its_invitation = isinstance(thing, Registration) and thing.invitation
    return _taken_off(thing) if counted and not kept_by_its_invitation else []


def give_back(thing: Thing) -> bool:
    """Give back the use of a registration that was removed, or of an invitation that is over. Once, however often it is asked.

    True when this call did it.
    """
    if thing.discount is None or thing.discount_returned:
        return False
    of_registration = isinstance(thing, Registration)
    key = keys.registration if of_registration else keys.invitation
    note = {
        "TableName": settings().rosters_table,
        "Key": key(thing.org, thing.session, thing.id).stored(),
        "UpdateExpression": "SET discount_returned = :yes",
        "ConditionExpression": f"{SAME_ATTEMPT} AND {NOT_RETURNED} AND {STOOD_HERE if of_registration else OVER}",
        "ExpressionAttributeValues": {":yes": stored(True), ":nonce": stored(thing.nonce)},
    }
    for taken_off in (_taken_off(thing), _taken_off(thing, of_nobody=True)):
        try:
            requests.transact([{"Update": note}, *taken_off])
        except requests.TransactionFailed as failed:
            if failed.reasons[0] is not None:
                return False
        else:
            return True
    return False


def open_uses(org: str, code: str) -> Iterator[OpenUse]:
    """Return the uses of a code that nobody has finished."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :discounts AND begins_with(sk, :uses)",
        ExpressionAttributeValues={
            ":discounts": stored(keys.discount(org, code).pk),
            ":uses": stored(keys.open_discount_use(org, code, "").sk),
        },
        ConsistentRead=True,
    )
    return (_open_use_from(entry) for entry in found)


def finish(thing: Thing) -> None:
    """Note that the spots are taken, or held: the use is open no more. Noted already: nothing changes."""
    if thing.discount is None:
        return
    try:
        requests.delete(settings().records_table, _open_key(thing), THERE)
    except requests.ConditionFailed:
        return


def counted_as(org: str, email: str) -> str:
    """Return under what the uses of an address are counted: it names nobody, and cannot be guessed from an address without the link key."""
    return links.stand_in(settings().link_key, "discount", org, compared(email))


def uses_by(discount: Discount, emails: Iterable[str]) -> dict[str, int]:
    """Return how often each of these addresses used the code, by what they are counted as."""
    wanted = {by: keys.discount_uses(discount.org, discount.code, by) for by in (counted_as(discount.org, email) for email in emails)}
    found = requests.batch_get({settings().records_table: list(wanted.values())}) if wanted else {}
    return {by: plain(found[key])["used"] if key in found else 0 for by, key in wanted.items()}


def _theirs(discount: Discount, reduction: Reduction, elsewhere: int) -> dict[str, Any]:
    count = _count(keys.discount_uses(discount.org, discount.code, reduction.by), {":one": stored(1)})
    if discount.max_uses_per_customer is None:
        return count
    most = discount.max_uses_per_customer - elsewhere
    values = {":one": stored(1), ":most": stored(most)}
    return {**count, "ConditionExpression": LEFT_FOR_THEM if most > 0 else LEFT, "ExpressionAttributeValues": values}


def _as_read(discount: Discount, by: str, used: int) -> dict[str, Any]:
    return {
        "TableName": settings().records_table,
        "Key": keys.discount_uses(discount.org, discount.code, by).stored(),
        "ConditionExpression": USED_AS_READ if used else f"{NEVER_USED} OR {USED_AS_READ}",
        "ExpressionAttributeValues": {":seen": stored(used)},
    }


def _open(thing: Thing) -> dict[str, Any]:
    """The row that it is for has the condition: what an earlier life of an invitation left open is written over."""
    of_registration = isinstance(thing, Registration)
    facts = {
        "of": "registration" if of_registration else "invitation",
        "session": thing.session,
        "own": thing.id,
        "at": times.written(thing.created_at if isinstance(thing, Registration) else thing.begun_at),
    }
    return {"TableName": settings().records_table, "Item": {**_open_key(thing).stored(), **item(facts)}}


def _open_key(thing: Thing) -> keys.Key:
    assert thing.discount
    return keys.open_discount_use(thing.org, thing.discount.code, keys.joined(thing.session, thing.id))


def _open_use_from(entry: Item) -> OpenUse:
    values = plain(entry)
    return OpenUse(values["of"], values["session"], values["own"], times.read(values["at"]))


def _taken_off(thing: Thing, *, of_nobody: bool = False) -> list[dict[str, Any]]:
    """The row that says so has the condition; an open use ends with it, and one that was finished is there no more.

    The count of a customer who was erased is gone: nobody's is lowered then.
    """
    assert thing.discount
    code, by = thing.discount.code, "" if of_nobody else thing.discount.by
    minus = {":one": stored(-1)}
    counted = [keys.discount(thing.org, code), *([keys.discount_uses(thing.org, code, by)] if by else [])]
    counts = [{"Update": {**_count(key, minus), "ConditionExpression": THERE}} for key in counted]
    return [*counts, {"Delete": {"TableName": settings().records_table, "Key": _open_key(thing).stored()}}]


def _count(key: keys.Key, values: Item) -> dict[str, Any]:
    return {
        "TableName": settings().records_table,
        "Key": key.stored(),
        "UpdateExpression": "ADD used :one",
        "ExpressionAttributeValues": values,
    }
