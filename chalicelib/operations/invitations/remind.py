"""Reminders of unanswered invitations to sessions.

The message comes first, named by the moment that was due, and then that moment moves: two runs at once queue the same message.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.emails.kinds import declaration
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.messages import EmailKind, Message, message_id, unwanted
from chalicelib.rules.organisations import EmailPreferences, Organisation
from chalicelib.rules.reminders import check_while_off, decide
from chalicelib.tables import invitations, messages, organisations

KIND: EmailKind = "invitation_reminder"


def remind_invited(organisation: Organisation, found: Sequence[Invitation], *, now: datetime, leaves_at: datetime) -> int:
    """Queue the reminders of these invitations that are due by `now` and return how many.

    `leaves_at` is the real time, by which the outbox sends them.
    """
    preferences = organisations.email_preferences_of(organisation.org, (one.email for one in found))
    return sum(_remind(organisation, one, preferences[one.email], now, leaves_at) for one in found)


def pause(invitation: Invitation, *, now: datetime) -> None:
    """Look at an invitation again later, since reminders are off."""
    later = check_while_off(invitation.begun_at, now)
    invitations.reschedule_reminder(invitation, later if later < invitation.expires_at else None)


def put_off(invitation: Invitation, *, until: datetime, now: datetime) -> None:
    """Look at an invitation again at `until`, or when it expires before, if a reminder is due that nobody may be sent now."""
    if invitation.remind_at is None or invitation.remind_at > now:
        return
    lasts = until < invitation.expires_at
    due = invitation.remind_since or invitation.remind_at
    invitations.reschedule_reminder(invitation, until if lasts else None, since=due if lasts else None)


def _remind(organisation: Organisation, invitation: Invitation, preferences: EmailPreferences, now: datetime, leaves_at: datetime) -> bool:
    if invitation.remind_at is None or invitation.remind_at > now:
        return False
    if invitation.is_closed or unwanted(preferences, KIND, unsubscribable=declaration(KIND).unsubscribable):
        invitations.reschedule_reminder(invitation, None)
        return False
    days, until = organisation.reminder_days, invitation.expires_at
    due = invitation.remind_since or invitation.remind_at
    decision = decide(invitation.begun_at, days, since=due, now=now, until=until)
    # While another address awaits approval, the invited person has nothing to do.
    reminds = decision.remind and invitation.claimant is None
    if reminds:
        messages.add(_reminder(invitation, invitation.remind_at, organisation, leaves_at))
    return invitations.reschedule_reminder(invitation, decision.next_check_at) and reminds


def _reminder(invitation: Invitation, due: datetime, organisation: Organisation, leaves_at: datetime) -> Message:
    return Message(
        org=invitation.org,
        id=message_id(KIND, invitation.org, f"{invitation.public_id}#{invitation.nonce}#{times.written(due)}"),
        kind=KIND,
        to=invitation.email,
        locale=organisation.locale,
        created_at=leaves_at,
        data={"session": invitation.session, "invitation": invitation.id},
    )
