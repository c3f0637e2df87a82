"""Groups of customers: a row each, and a row that keeps its name from the others."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.groups import Group, GroupExists
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version AND attribute_not_exists(ending)"
THERE = "attribute_exists(pk) AND attribute_not_exists(ending)"
ENDING = "attribute_exists(ending)"
NAME_FREE_OR_MINE = "attribute_not_exists(pk) OR holder = :own"
MINE = "holder = :own"


def create_group(group: Group) -> None:
    """Write a new group; one that was written before stands. Raises GroupExists when another one has the name."""
    try:
        requests.transact([_put(group, NEW, {}), _take_name(group)])
    except requests.TransactionFailed as failed:
        row, name = failed.reasons
        if row is None and name:
            raise GroupExists(name["holder"]["S"]) from None


def groups(org: str) -> list[Group]:
    """Return all groups by name; those that are being deleted are left out."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :customers AND begins_with(sk, :group)",
        FilterExpression="attribute_not_exists(ending)",
        ExpressionAttributeValues={":customers": stored(keys.group(org, "").pk), ":group": stored(keys.GROUP)},
        ConsistentRead=True,
    )
    return sorted((_group_from(org, entry) for entry in found), key=lambda group: (group.name.casefold(), group.id))


def get_group(org: str, own: str, *, ending: bool = False) -> Group:
    """Return the group; with `ending` also one that is being deleted. Raises NotFound."""
    found = requests.get(settings().records_table, keys.group(org, own))
    if not found or ("ending" in found and not ending):
        raise NotFound
    return _group_from(org, found)


def save_group(group: Group, *, was: Group) -> Group:
    """Write the renamed group over the version that was read. Raises ChangedMeanwhile, GroupExists."""
    saved = replace(group, version=was.version + 1)
    renamed = keys.group_named(saved.org, saved.name) != keys.group_named(was.org, was.name)
    names = [_take_name(saved), {"Delete": _name(was, MINE)}] if renamed else []
    try:
        requests.transact([_put(saved, AS_READ, {":version": stored(was.version)}), *names])
    except requests.TransactionFailed as failed:
        if failed.reasons[0] is None and failed.reasons[1]:
            raise GroupExists(failed.reasons[1]["holder"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def end_group(group: Group) -> None:
    """Let the group be none any more: its name is free, nobody joins, and who belongs to it may leave one by one. Done already: fine."""
    row = {
        "TableName": settings().records_table,
        "Key": keys.group(group.org, group.id).stored(),
        "UpdateExpression": "SET ending = :yes",
        "ConditionExpression": AS_READ,
        "ExpressionAttributeValues": {":yes": stored(True), ":version": stored(group.version)},
    }
    try:
        requests.transact([{"Update": row}, {"Delete": _name(group, MINE)}])
    except requests.TransactionFailed as failed:
        if not (failed.reasons[0] and "ending" in failed.reasons[0]):
            raise ChangedMeanwhile from None


def forget_group(org: str, own: str) -> None:
    """Delete the row of a group that everybody has left."""
    try:
        requests.delete(settings().records_table, keys.group(org, own), ENDING)
    except requests.ConditionFailed:
        return


def still_there(org: str, owns: Iterable[str]) -> list[dict[str, Any]]:
    """Return what makes a transaction fail when one of the groups is gone."""
    return [
        {
            "ConditionCheck": {
                "TableName": settings().records_table,
                "Key": keys.group(org, own).stored(),
                "ConditionExpression": THERE,
            }
        }
        for own in owns
    ]


def _put(group: Group, condition: str, values: Item) -> dict[str, Any]:
    row = {
        **keys.group(group.org, group.id).stored(),
        **item({"name": group.name, "created_at": times.written(group.created_at), "version": group.version}),
    }
    write: dict[str, Any] = {"TableName": settings().records_table, "Item": row, "ConditionExpression": condition}
    return {"Put": {**write, "ExpressionAttributeValues": values} if values else write}


def _take_name(group: Group) -> dict[str, Any]:
    write = _name(group, NAME_FREE_OR_MINE)
    row = {**write.pop("Key"), "holder": stored(group.id)}
    return {"Put": {**write, "Item": row}}


def _name(group: Group, condition: str) -> dict[str, Any]:
    return {
        "TableName": settings().records_table,
        "Key": keys.group_named(group.org, group.name).stored(),
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {":own": stored(group.id)},
    }


def _group_from(org: str, entry: Item) -> Group:
    values = plain(entry)
    return Group(
        org=org,
        id=values["sk"].removeprefix(keys.GROUP),
        name=values["name"],
        created_at=times.read(values["created_at"]),
        version=values["version"],
    )
