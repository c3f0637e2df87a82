"""API keys: a row each, under an id that follows from the key. The row keeps a digest, never the key."""

from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.api_keys import ApiKey
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import THERE, Update, unchanged
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.known_rows import known
from chalicelib.tables.organisations import organisation_from

API_KEYS = Codec(ApiKey, elsewhere={"org", "id"})


def create(key: ApiKey) -> None:
    """Write a new key. Two keys with one id would need equal digests: that fails with ConditionFailed, as a fault."""
    row = {**API_KEYS.write(key), "user": _indexed(key.id)}
    dynamodb.put_new(config().records_table, {**keys.api_key(key.org, key.id).stored(), **item(row)})


def get_with_organisation(org: str, id: str) -> tuple[ApiKey | None, Organisation | None]:
    """Return the organisation's key with this id and the organisation, in one request; None for what does not exist."""
    of_key, of_organisation = keys.api_key(org, id), keys.organisation(org)
    found = dynamodb.batch_get({config().records_table: [of_key, of_organisation]})
    key, organisation = found.get(of_key), found.get(of_organisation)
    return _key_from(key) if key else None, organisation_from(organisation) if organisation else None


def organisation_of(id: str) -> str | None:
    """Return the organisation of a key of any organisation. A key made or deleted in the last second may be missed."""
    found = dynamodb.query(
        TableName=config().records_table,
        IndexName="user",
        KeyConditionExpression="#user = :user",
        ExpressionAttributeNames={"#user": "user"},
        ExpressionAttributeValues={":user": {"S": _indexed(id)}},
    )
    return next((_key_from(row).org for row in found), None)


def every(org: str) -> list[ApiKey]:
    """Return the keys of the organisation, latest first."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :keys",
        ExpressionAttributeValues={":keys": {"S": keys.api_keys(org)}},
        ConsistentRead=True,
    )
    return sorted(map(_key_from, found), key=lambda key: (key.created_at, key.id), reverse=True)


def note_use(key: ApiKey, *, now: datetime) -> None:
    """Note that the key was used. A key that was deleted meanwhile, or whose use another request has noted, is left alone."""
    as_read = THERE & unchanged("last_used_at", key.last_used_at and times.written(key.last_used_at))
    try:
        dynamodb.update(config().records_table, keys.api_key(key.org, key.id), Update().set(last_used_at=times.written(now)), as_read)
    except dynamodb.ConditionFailed:
        return


def delete(org: str, id: str) -> bool:
    """Delete the key. False when there is none."""
    key = keys.api_key(org, id)
    dynamodb.sign(config().records_table, key)
    try:
        dynamodb.delete(config().records_table, key, THERE)
    except dynamodb.ConditionFailed:
        return False
    return True


def _indexed(id: str) -> str:
    """Return the value of a key in the index `user`. It is no id of a user: those have no `#`."""
    return f"key#{id}"


@known
def _key_from(row: Item) -> ApiKey:
    values = plain(row)
    return API_KEYS.read(values, org=values["pk"].partition("#")[0], id=values["sk"].removeprefix(keys.API_KEY))
