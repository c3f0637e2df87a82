"""Queries for invitations: by key, by address, and expiring ones from the index."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.invitations.rows import invitation_from

LATEST = 100


def find(org: str, session: str, id: str) -> Invitation | None:
    """Return the invitation; None for an unknown one."""
    found = dynamodb.get(config().rosters_table, keys.invitation(org, session, id))
    return invitation_from(found) if found else None


def get(org: str, session: str, id: str) -> Invitation:
    """Return the invitation. Raises NotFound."""
    found = find(org, session, id)
    if found is None:
        raise NotFound
    return found


def of_addresses_on(org: str, session: str, emails: Sequence[str]) -> list[Invitation]:
    """Return the latest invitation of each of these addresses to a session, live or not."""
    guards = dynamodb.batch_get({config().rosters_table: [keys.invited_address(org, session, email) for email in emails]}) if emails else {}
    ids = [guard["invitation"]["S"] for guard in guards.values()]
    rows = dynamodb.batch_get({config().rosters_table: [keys.invitation(org, session, id) for id in ids]}) if ids else {}
    return [invitation_from(row) for row in rows.values()]


def all_of_address(org: str, email: str) -> Iterator[Invitation]:
    """Yield all invitations of an address, ended ones too, latest first."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        ExpressionAttributeValues={":booker": {"S": keys.invited(org, email)}},
        ScanIndexForward=False,
    )
    return map(invitation_from, found)


def due(org: str, now: datetime) -> list[tuple[str, str]]:
    """Return (session, id) of pending invitations that have expired, from the index."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at <= :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
    )
    return [(row["pk"]["S"].partition("#")[2], row["sk"]["S"].removeprefix(keys.INVITATION)) for row in found]


def soonest(org: str, *, now: datetime, limit: int) -> list[Invitation]:
    """Return the pending, unexpired invitations that expire first, in this order; at most a hundred."""
    found, _ = dynamodb.query_page(
        TableName=config().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at > :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
        Limit=limit,
    )
    wanted = [keys.Key(row["pk"]["S"], row["sk"]["S"]) for row in found]
    rows = dynamodb.batch_get({config().rosters_table: wanted})
    return [invitation_from(rows[key]) for key in wanted if key in rows]


def count_waiting(org: str, *, now: datetime) -> int:
    """Count the pending, unexpired invitations of an organisation, from the index."""
    return dynamodb.count(
        TableName=config().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at > :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
    )


def of_address(org: str, email: str) -> list[Invitation]:
    """Return the invitations to an address whose rows record no end. The ledger decides which of them are live."""
    found, _ = dynamodb.query_page(
        TableName=config().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        FilterExpression="attribute_not_exists(ended) AND attribute_not_exists(registration)",
        ExpressionAttributeValues={":booker": {"S": keys.invited(org, email)}},
        ScanIndexForward=False,
        Limit=LATEST,
    )
    return [invitation_from(row) for row in found]
