"""Reminding of invitations to sessions that wait for an answer. The index says at which to look, never a scan.

The message comes first, named by the moment that was due, and then that moment moves: two runs at once queue the same message.
"""

from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.messages import Kind, Message, message_id, unwanted
from chalicelib.rules.organisations import Organisation, Wishes
from chalicelib.rules.reminders import MOST_AT_ONCE, decide
from chalicelib.tables import invitations, messages, organisations

KIND: Kind = "invitation_reminder"
READ_AT_ONCE = 100


def remind_invited(organisation: Organisation, *, now: datetime, leaves_at: datetime) -> int:
    """Queue the reminders that are due by `now` and return how many. They leave at once, by the real clock."""
    due = invitations.to_remind(organisation.org, now, limit=MOST_AT_ONCE)
    return sum(_look(organisation, due[first : first + READ_AT_ONCE], now, leaves_at) for first in range(0, len(due), READ_AT_ONCE))


def _look(organisation: Organisation, named: list[tuple[str, str]], now: datetime, leaves_at: datetime) -> int:
    found = invitations.find_all(organisation.org, named)
    wishes = organisations.wishes_of(organisation.org, (one.email for one in found))
    return sum(_remind(organisation, one, wishes[one.email], now, leaves_at) for one in found)


def _remind(organisation: Organisation, invitation: Invitation, wishes: Wishes, now: datetime, leaves_at: datetime) -> bool:
    if invitation.remind_at is None or invitation.remind_at > now:
        return False
    if invitation.over or unwanted(KIND, wishes):
        invitations.look_again(invitation, None)
        return False
    days, until = organisation.reminder_days, invitation.expires_at
    decision = decide(invitation.begun_at, days, look_at=invitation.remind_at, now=now, until=until)
    # While somebody else waits for staff's yes there is nothing that the invited person could do.
    reminds = decision.remind and invitation.claimant is None
    if reminds:
        messages.add(_reminder(invitation, invitation.remind_at, organisation, leaves_at))
    return invitations.look_again(invitation, decision.look_again_at) and reminds


def _reminder(invitation: Invitation, due: datetime, organisation: Organisation, leaves_at: datetime) -> Message:
    return Message(
        org=invitation.org,
        id=message_id(KIND, invitation.org, f"{invitation.session}-{invitation.id}#{invitation.nonce}#{times.written(due)}"),
        kind=KIND,
        to=invitation.email,
        locale=organisation.locale,
        created_at=leaves_at,
        data={"session": invitation.session, "invitation": invitation.id},
    )
