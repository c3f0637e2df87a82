"""Reminders of invitations: the next check of each."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import Update, equals
from chalicelib.tables.invitations.rows import invitation_from
from chalicelib.tables.invitations.updates import NotMovable, change


def find_all(org: str, named: Iterable[tuple[str, str]]) -> list[Invitation]:
    """Return the existing ones of up to a hundred invitations, given as (session, id), in one request."""
    found = dynamodb.batch_get({config().rosters_table: [keys.invitation(org, session, id) for session, id in named]})
    return [invitation_from(row) for row in found.values()]


def reschedule_reminder(invitation: Invitation, at: datetime | None, *, since: datetime | None = None) -> bool:
    """Set when the clock checks it again (None: when it expires), and since when a reminder that is put off has been due.

    False when that was changed meanwhile, or no reminder is pending.
    """
    waits_as_seen = equals("remind_at", times.written(invitation.remind_at) if invitation.remind_at else "")
    move = Update().set(remind=keys.clock("invitations", invitation.org), remind_at=times.written(at or invitation.expires_at))
    move = move.set(remind_since=times.written(since)) if since else move.remove("remind_since")
    try:
        change(invitation.org, invitation.session, invitation.id, move, waits_as_seen)
    except (NotFound, NotMovable):
        return False
    return True
