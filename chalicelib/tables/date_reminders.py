"""When the schedule checks a session for the reminders before its dates: an index lists the sessions of all organisations.

A session is written with the earliest moment that can matter, whatever the settings. A check sets the next moment that does.
"""

from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import Update, as_read, equals, present
from chalicelib.tables.sessions.rows import session_from


def due(now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return (organisation, session) of the sessions of all organisations that are due for a check, those first that wait longest."""
    found, _ = dynamodb.query_page(
        TableName=config().rosters_table,
        IndexName="remind",
        KeyConditionExpression="remind = :everywhere AND remind_at <= :now",
        ExpressionAttributeValues={":everywhere": {"S": keys.date_reminders()}, ":now": {"S": times.written(now)}},
        Limit=limit,
    )
    return [(org, session) for org, _, session in (row["pk"]["S"].partition("#") for row in found)]


def without_check(org: str, now: datetime) -> list[str]:
    """Return the sessions that are not over and have no next check: those of an earlier version, and those that need none any more."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="calendar",
        KeyConditionExpression="calendar = :org AND calendar_at > :now",
        FilterExpression="attribute_not_exists(remind) AND attribute_not_exists(cancelled_at)",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": times.written(now)}},
    )
    return [row["pk"]["S"].partition("#")[2] for row in found]


def get(org: str, session_id: str) -> tuple[Session, str]:
    """Return the session and its next check as it is stored, empty for none. Raises NotFound."""
    found = dynamodb.get(config().rosters_table, keys.session(org, session_id))
    if not found:
        raise NotFound
    return session_from(found), found.get("remind_at", {"S": ""})["S"]


def check_now(org: str, session_id: str, now: datetime) -> None:
    """Make a session due now. One that was deleted is left alone."""
    try:
        dynamodb.update(config().rosters_table, keys.session(org, session_id), _next(now), present("pk"))
    except dynamodb.ConditionFailed:
        return


def set_next_check(session: Session, at: datetime | None, *, read: str) -> None:
    """Set when to check again; None for never. A session that was written or made due since it was `read` stays due."""
    change = _next(at) if at else Update().remove("remind", "remind_at")
    unchanged = as_read(session.version) & equals("remind_at", read)
    try:
        dynamodb.update(config().rosters_table, keys.session(session.org, session.id), change, unchanged)
    except dynamodb.ConditionFailed:
        return


def _next(at: datetime) -> Update:
    return Update().set(remind=keys.date_reminders(), remind_at=times.written(at))
