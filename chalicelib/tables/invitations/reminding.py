"""Invitations that wait to be reminded of, from the index, and when the schedule looks at each again."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.invitations.changing import NotMovable, change
from chalicelib.tables.invitations.rows import invitation_from
from chalicelib.tables.items import stored

WAITS_AS_SEEN = "remind_at = :seen"


def to_remind(org: str, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return (session, own id) of pending invitations at which the schedule is to look by now, from the index."""
    found, _ = requests.query_page(
        TableName=settings().rosters_table,
        IndexName="remind",
        KeyConditionExpression="remind = :org AND remind_at <= :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": times.written(now)}},
        Limit=limit,
    )
    return [(entry["pk"]["S"].partition("#")[2], entry["sk"]["S"].removeprefix(keys.INVITATION)) for entry in found]


def find_all(org: str, named: Iterable[tuple[str, str]]) -> list[Invitation]:
    """Return those that are there of up to a hundred invitations, given as (session, own id), in one request."""
    found = requests.batch_get({settings().rosters_table: [keys.invitation(org, session, own) for session, own in named]})
    return [invitation_from(entry) for entry in found.values()]


def look_again(invitation: Invitation, at: datetime | None) -> bool:
    """Let the schedule look at the invitation again then, or no more. False when somebody else has moved that, or it waits no more."""
    values = {":seen": stored(times.written(invitation.remind_at)) if invitation.remind_at else stored("")}
    move = "SET remind_at = :at" if at else "REMOVE remind, remind_at"
    at_last = {":at": stored(times.written(at))} if at else {}
    try:
        change(invitation.org, invitation.session, invitation.id, move, WAITS_AS_SEEN, values | at_last)
    except (NotFound, NotMovable):
        return False
    return True
