"""Groups of customers: a row each, and a guard row that makes the name unique."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from chalicelib.config import config
from chalicelib.rules.groups import Group, GroupExists
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import NEW, THERE, Condition, Update, absent, as_read, equals, present
from chalicelib.tables.items import Item, item, plain, stored
from chalicelib.tables.saves import save_write

GROUPS = Codec(Group, elsewhere={"org", "id"}, always={"version"})
NOT_ENDING = absent("ending")
ENDING = present("ending")


def create_group(group: Group) -> None:
    """Write a new group; an existing one stays. Raises GroupExists when another one has the name."""
    try:
        dynamodb.transact([dynamodb.put_write(config().records_table, _row(group), NEW), _take_name(group)])
    except dynamodb.TransactionFailed as failed:
        row, name = failed.reasons
        if row is None and name:
            raise GroupExists(name["holder"]["S"]) from None


def groups(org: str) -> list[Group]:
    """Return all groups by name; those that are being deleted are left out."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :customers AND begins_with(sk, :group)",
        FilterExpression="attribute_not_exists(ending)",
        ExpressionAttributeValues={":customers": stored(keys.group(org, "").pk), ":group": stored(keys.GROUP)},
        ConsistentRead=True,
    )
    return sorted((_group_from(org, row) for row in found), key=lambda group: (group.name.casefold(), group.id))


def groups_of_first(org: str, most: int) -> list[tuple[str, ...]]:
    """Return the ids of the groups of each of the first `most` customers: one request, which answers nothing else of them."""
    found = dynamodb.query(
        TableName=config().records_table,
        IndexName="directory",
        KeyConditionExpression="directory = :org",
        ExpressionAttributeValues={":org": stored(org)},
        ProjectionExpression="#groups",
        ExpressionAttributeNames={"#groups": "groups"},
        Limit=most,
    )
    return [tuple(plain(row).get("groups", ())) for row in islice(found, most)]


def get_group(org: str, id: str, *, ending: bool = False) -> Group:
    """Return the group; with `ending` also one that is being deleted. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.group(org, id))
    if not found or ("ending" in found and not ending):
        raise NotFound
    return _group_from(org, found)


def save_group(group: Group, *, was: Group) -> Group:
    """Write the renamed group over the version that was read. Raises ChangedMeanwhile, GroupExists."""
    saved = replace(group, version=was.version + 1)
    renamed = keys.group_named(saved.org, saved.name) != keys.group_named(was.org, was.name)
    names = [_take_name(saved), _leave_name(was)] if renamed else []
    try:
        dynamodb.transact([_save(saved, as_read(was.version) & NOT_ENDING), *names])
    except dynamodb.TransactionFailed as failed:
        if failed.reasons[0] is None and failed.reasons[1]:
            raise GroupExists(failed.reasons[1]["holder"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def end_group(group: Group) -> None:
    """Start the deletion of a group: its name is free, no customer can join, and its members can leave one by one. Idempotent."""
    table, key = config().records_table, keys.group(group.org, group.id)
    row = dynamodb.update_write(table, key, Update().set(ending=True), as_read(group.version) & NOT_ENDING)
    try:
        dynamodb.transact([row, _leave_name(group)])
    except dynamodb.TransactionFailed as failed:
        if not (failed.reasons[0] and "ending" in failed.reasons[0]):
            raise ChangedMeanwhile from None


def forget_group(org: str, id: str) -> None:
    """Delete the row of a group without members."""
    try:
        dynamodb.delete(config().records_table, keys.group(org, id), ENDING)
    except dynamodb.ConditionFailed:
        return


def group_checks(org: str, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the condition checks that the groups exist."""
    return [dynamodb.check(config().records_table, keys.group(org, id), THERE & NOT_ENDING) for id in ids]


def _row(group: Group) -> Item:
    return {**keys.group(group.org, group.id).stored(), **item(GROUPS.write(group))}


def _save(group: Group, condition: Condition) -> dict[str, Any]:
    return save_write(config().records_table, _row(group), GROUPS.attributes, condition)


def _take_name(group: Group) -> dict[str, Any]:
    free_or_mine = NEW | equals("holder", group.id)
    row = {**keys.group_named(group.org, group.name).stored(), "holder": stored(group.id)}
    return dynamodb.put_write(config().records_table, row, free_or_mine)


def _leave_name(group: Group) -> dict[str, Any]:
    return dynamodb.delete_write(config().records_table, keys.group_named(group.org, group.name), equals("holder", group.id))


def _group_from(org: str, row: Item) -> Group:
    values = plain(row)
    return GROUPS.read(values, org=org, id=values["sk"].removeprefix(keys.GROUP))
