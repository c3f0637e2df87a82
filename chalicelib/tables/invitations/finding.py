"""Invitations found by key, and those that run out, from the index."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.invitations.rows import invitation_from

LATEST = 100


def find(org: str, session: str, own: str) -> Invitation | None:
    """Return the invitation if there is one."""
    found = requests.get(settings().rosters_table, keys.invitation(org, session, own))
    return invitation_from(found) if found else None


def get(org: str, session: str, own: str) -> Invitation:
    """Return the invitation, or NotFound."""
    found = find(org, session, own)
    if found is None:
        raise NotFound
    return found


def all_of_address(org: str, email: str) -> Iterator[Invitation]:
    """Return all invitations that an address ever had, latest first."""
    found = requests.query(
        TableName=settings().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        ExpressionAttributeValues={":booker": {"S": keys.invited(org, email)}},
        ScanIndexForward=False,
    )
    return map(invitation_from, found)


def due(org: str, now: datetime) -> list[tuple[str, str]]:
    """Return (session, own id) of pending invitations that have run out, from the index."""
    found = requests.query(
        TableName=settings().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at <= :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
    )
    return [(entry["pk"]["S"].partition("#")[2], entry["sk"]["S"].removeprefix(keys.INVITATION)) for entry in found]


def soonest(org: str, *, now: datetime, limit: int) -> list[Invitation]:
    """Return pending invitations by when they run out, those that have run out left aside; at most a hundred."""
    found, _ = requests.query_page(
        TableName=settings().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at > :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
        Limit=limit,
    )
    wanted = [keys.Key(entry["pk"]["S"], entry["sk"]["S"]) for entry in found]
    rows = requests.batch_get({settings().rosters_table: wanted})
    return [invitation_from(rows[key]) for key in wanted if key in rows]


def of_address(org: str, email: str) -> list[Invitation]:
    """Return the invitations to an address that have not ended by their rows; the ledger says which of them are live."""
    found, _ = requests.query_page(
        TableName=settings().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        FilterExpression="attribute_not_exists(ended) AND attribute_not_exists(registration)",
        ExpressionAttributeValues={":booker": {"S": keys.invited(org, email)}},
        ScanIndexForward=False,
        Limit=LATEST,
    )
    return [invitation_from(entry) for entry in found]
