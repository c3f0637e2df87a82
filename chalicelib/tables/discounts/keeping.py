"""Discount codes as staff keep them: a row each."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.discounts import Discount, DiscountExists
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version"
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


def tried(org: str, session: str, typed: str, *, misses: tuple[keys.Key, ...]) -> tuple[Discount | None, tuple[Item | None, ...]]:
    """Return the code that somebody tries at a session, and the counts of wrong codes that are asked for, in one request.

    Raises NotFound for an unknown session.
    """
    of_session, of_code = keys.session(org, session), keys.discount(org, typed)
    wanted = {settings().rosters_table: [of_session], settings().records_table: [of_code], settings().memory_table: misses}
    found = requests.batch_get(wanted)
    if of_session not in found:
        raise NotFound
    discount = _discount_from(org, found[of_code]) if of_code in found else None
    return discount, tuple(found.get(key) for key in misses)


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
