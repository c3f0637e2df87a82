"""Discount codes: a row each with how often it was used, and a row for each customer of it.

A use is counted together with the row of the registration or invitation that it is for, and that row says when it was given back:
so it is counted once and given back once, whoever dies or asks again. Rows that are taken back take their use back with them.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.discounts import Discount, DiscountExists, Reduction
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
THERE = "attribute_exists(pk)"
AS_READ = "version = :version"
LEFT = "used < :most"
LEFT_FOR_THEM = "(attribute_not_exists(used) OR used < :most)"
SAME_ATTEMPT = "nonce = :nonce"
NOT_RETURNED = "attribute_not_exists(discount_returned)"
STOOD_HERE = "attribute_exists(confirmed_at) AND attribute_not_exists(moved_to)"
OVER = "attribute_exists(ended) AND attribute_not_exists(registration)"
MOMENTS = ("created_at", "starts_at", "ends_at")


def create(discount: Discount) -> Discount:
    """Write a new code and return it; the same request again finds it written. Raises DiscountExists."""
    row = {**keys.discount(discount.org, discount.code).stored(), **item({**_facts(discount), "used": 0})}
    try:
        requests.put(settings().records_table, row, NEW)
    except requests.ConditionFailed as failed:
        standing = _discount_from(discount.org, failed.old or {})
        if standing.made_by != discount.made_by:
            raise DiscountExists from None
        return standing
    return discount


def find(org: str, typed: str) -> Discount | None:
    """Return the code, however it is typed, if there is one."""
    found = requests.get(settings().records_table, keys.discount(org, typed))
    return _discount_from(org, found) if found else None


def every(org: str) -> Iterator[Discount]:
    """Return all codes of the organisation, by their names."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :discounts AND begins_with(sk, :discount)",
        ExpressionAttributeValues={":discounts": stored(keys.discount(org, "").pk), ":discount": stored(keys.DISCOUNT)},
        ConsistentRead=True,
    )
    return (_discount_from(org, entry) for entry in found)


def save(discount: Discount, *, was: Discount) -> Discount:
    """Write what staff may change over the version that was read; its uses go on being counted. Raises ChangedMeanwhile."""
    facts = _facts(replace(discount, version=was.version + 1))
    sets = [f"#{name} = :{name}" for name, value in facts.items() if value is not None]
    removes = [f"#{name}" for name, value in facts.items() if value is None]
    try:
        saved = requests.update(
            settings().records_table,
            keys.discount(was.org, was.code),
            f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else ""),
            "version = :was",
            names={f"#{name}": name for name in facts},
            values={**item({f":{name}": value for name, value in facts.items()}), ":was": stored(was.version)},
        )
    except requests.ConditionFailed:
        raise ChangedMeanwhile from None
    return _discount_from(was.org, saved)


def use_writes(discount: Discount, reduction: Reduction) -> list[dict[str, Any]]:
    """Return the writes that count a use of the code as it was read, to be made with the row that it is for; its customer's comes last."""
    values = {":one": stored(1), ":version": stored(discount.version)}
    limit = {":most": stored(discount.max_uses)} if discount.max_uses is not None else {}
    condition = f"{AS_READ} AND {LEFT}" if limit else AS_READ
    theirs: dict[str, Any] = _count(keys.discount_uses(discount.org, discount.code, reduction.by), {":one": stored(1)})
    if discount.max_uses_per_customer is not None:
        theirs["ConditionExpression"] = LEFT_FOR_THEM
        theirs["ExpressionAttributeValues"] = {":one": stored(1), ":most": stored(discount.max_uses_per_customer)}
    all_of_it = {**_count(keys.discount(discount.org, discount.code), {**values, **limit}), "ConditionExpression": condition}
    return [{"Update": all_of_it}, {"Update": theirs}]


def return_writes(thing: Registration | Invitation) -> list[dict[str, Any]]:
    """Return the writes that take back the use that was counted with this row; none, if none was or it is back already."""
    counted = thing.discount is not None and not thing.discount_returned
    kept_by_its_invitation = isinstance(thing, Registration) and thing.invitation
    return _taken_off(thing) if counted and not kept_by_its_invitation else []


def give_back(thing: Registration | Invitation) -> None:
    """Give back the use of a registration that was removed, or of an invitation that is over. Once, however often it is asked."""
    if thing.discount is None or thing.discount_returned:
        return
    of_registration = isinstance(thing, Registration)
    key = keys.registration if of_registration else keys.invitation
    note = {
        "TableName": settings().rosters_table,
        "Key": key(thing.org, thing.session, thing.id).stored(),
        "UpdateExpression": "SET discount_returned = :yes",
        "ConditionExpression": f"{SAME_ATTEMPT} AND {NOT_RETURNED} AND {STOOD_HERE if of_registration else OVER}",
        "ExpressionAttributeValues": {":yes": stored(True), ":nonce": stored(thing.nonce)},
    }
    try:
        requests.transact([{"Update": note}, *_taken_off(thing)])
    except requests.TransactionFailed:
        return


def _taken_off(thing: Registration | Invitation) -> list[dict[str, Any]]:
    assert thing.discount
    code, by = thing.discount.code, thing.discount.by
    minus = {":one": stored(-1)}
    return [
        {"Update": {**_count(key, minus), "ConditionExpression": THERE}}
        for key in (keys.discount(thing.org, code), keys.discount_uses(thing.org, code, by))
    ]


def _count(key: keys.Key, values: Item) -> dict[str, Any]:
    return {
        "TableName": settings().records_table,
        "Key": key.stored(),
        "UpdateExpression": "ADD used :one",
        "ExpressionAttributeValues": values,
    }


def _facts(discount: Discount) -> dict[str, Any]:
    """Return all that is stored of a code but the count of its uses."""
    return {
        "code": discount.code,
        "kind": discount.kind,
        "value": discount.value,
        "currency": discount.currency,
        "created_at": times.written(discount.created_at),
        "starts_at": times.written(discount.starts_at) if discount.starts_at else None,
        "ends_at": times.written(discount.ends_at) if discount.ends_at else None,
        "max_uses": discount.max_uses,
        "max_uses_per_customer": discount.max_uses_per_customer,
        "sessions": discount.sessions,
        "tags": discount.tags,
        "active": discount.active,
        "made_by": discount.made_by,
        "version": discount.version,
    }


def _discount_from(org: str, entry: Item) -> Discount:
    values = plain(entry)
    return Discount(
        **{
            **{name: values[name] for name in Discount.__dataclass_fields__ if name in values},
            **{name: times.read(values[name]) for name in MOMENTS if name in values},
            "org": org,
            "sessions": tuple(values["sessions"]),
            "tags": tuple(values["tags"]),
        }
    )
