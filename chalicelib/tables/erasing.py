"""Rows in which somebody is named, whatever they are: read in long stretches, rewritten over exactly what was read, or deleted."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.rules.erasing import Row
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, plain, stored

ATTEMPTS = 10
THERE = "attribute_exists(pk)"
NOBODY_ELSES = "attribute_exists(pk) AND (attribute_not_exists(customer) OR customer = :own)"


def roster(org: str, session: str) -> Iterator[Item]:
    """Return every row of a session, the guards too."""
    return _partition(settings().rosters_table, keys.roster(org, session))


def records(pk: str) -> Iterator[Item]:
    return _partition(settings().records_table, pk)


def messages_to(org: str, email: str) -> Iterator[Item]:
    return requests.query(
        TableName=settings().messages_table,
        IndexName="recipient",
        KeyConditionExpression="recipient = :of",
        ExpressionAttributeValues={":of": stored(keys.recipient(org, email))},
        ProjectionExpression="pk",
    )


def memory() -> Iterator[Item]:
    """Return all that is remembered for a while, of everybody: for jobs alone."""
    return requests.scan(TableName=settings().memory_table, ConsistentRead=True)


def rewrite(table: str, entry: Item, change: Callable[[Row], Row]) -> None:
    """Write the row as it is to be, as far as that differs, over what was read; whoever was quicker is read again. Gone: nothing."""
    key = keys.Key(entry["pk"]["S"], entry["sk"]["S"])
    for _ in range(ATTEMPTS):
        if _swapped(table, key, plain(entry), change(plain(entry))):
            return
        found = requests.get(table, key)
        if found is None:
            return
        entry = found
    raise ChangedMeanwhile


def delete(table: str, entry: Item) -> None:
    """Delete the row; one that is gone already is gone."""
    try:
        requests.delete(table, keys.Key(entry["pk"]["S"], entry["sk"]["S"] if "sk" in entry else ""), THERE)
    except requests.ConditionFailed:
        return


def delete_address(org: str, email: str, customer: str) -> None:
    """Delete what an address wants and whose it is, unless it is another customer's by now."""
    try:
        requests.delete(settings().records_table, keys.address(org, email), NOBODY_ELSES, values={":own": stored(customer)})
    except requests.ConditionFailed:
        return


def delete_customer(org: str, own: str) -> None:
    key = keys.customer(org, own)
    delete(settings().records_table, key.stored())


def delete_reset(user: str) -> None:
    delete(settings().memory_table, keys.reset(user).stored())


def drop_note(org: str, code: str) -> None:
    """Take the note off an invitation code."""
    try:
        requests.update(settings().codes_table, keys.code(org, code), "REMOVE note", THERE, want="NONE")
    except requests.ConditionFailed:
        return


def drop_uses(org: str, code: str, by: str) -> None:
    """Delete the count of somebody's uses of a discount code."""
    delete(settings().records_table, keys.discount_uses(org, code, by).stored())


def _partition(table: str, pk: str) -> Iterator[Item]:
    return requests.query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": stored(pk)}, ConsistentRead=True
    )


def _swapped(table: str, key: keys.Key, old: Row, new: Mapping[str, Any]) -> bool:
    """Change the attributes that differ, if all of them are as they were read. False when one is not."""
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not changed:
        return True
    names = {f"#n{place}": name for place, name in enumerate(changed)}
    values = {f":o{place}": stored(old[name]) for place, name in enumerate(changed) if name in old}
    values |= {f":w{place}": stored(new[name]) for place, name in enumerate(changed) if name in new}
    sets = [f"#n{place} = :w{place}" for place, name in enumerate(changed) if name in new]
    gone = [f"#n{place}" for place, name in enumerate(changed) if name not in new]
    seen = [f"#n{place} = :o{place}" if name in old else f"attribute_not_exists(#n{place})" for place, name in enumerate(changed)]
    change = " ".join(filter(None, (f"SET {', '.join(sets)}" if sets else "", f"REMOVE {', '.join(gone)}" if gone else "")))
    try:
        requests.update(table, key, change, " AND ".join(seen), names=names, values=values, want="NONE")
    except requests.ConditionFailed:
        return False
    return True
