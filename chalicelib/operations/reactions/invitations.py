"""Reactions to an invitation that was sent again or ended, and to an entry on the waitlist."""

from datetime import datetime

from chalicelib.operations import discounts
from chalicelib.operations.messages.queue import new_message, queue, queue_new
from chalicelib.operations.reactions.message_keys import invitation_key, waitlist_key
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.messages import EmailKind, Message
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import ledger, organisations, waitlist


def invitation_resent(invitation: Invitation, *, now: datetime) -> None:
    queue_invitation(invitation, str(invitation.sends), now=now)


def waitlist_joined(entry: WaitlistEntry, *, again: str = "", now: datetime) -> None:
    """Queue the e-mail that confirms a waitlist entry, with the link to leave, unless it is silent. Alternatives have one together.

    `again` names what asks for it once more.
    """
    if entry.silent:
        return
    entry = _first_of(entry)
    queue(
        kind="waitlist_joined",
        org=entry.org,
        to=entry.email,
        locale=entry.locale,
        data={"session": entry.session, "entry": entry.id},
        key=f"{waitlist_key(entry)}#{again}" if again else waitlist_key(entry),
        now=now,
    )


def _first_of(entry: WaitlistEntry) -> WaitlistEntry:
    """Return the first live one of the entry and its alternatives; the entry itself without any."""
    found = {one.session: one for one in (entry, *waitlist.list_alternatives(entry)) if one.is_live}
    return next((found[session] for session in entry.any_of if session in found), entry)


def invitation_ended(invitation: Invitation) -> None:
    """Free the spots of an ended invitation and return its discount use, in case the request that ended it failed to."""
    try:
        ledger.release(invitation.org, invitation.session, invitation.id, invitation.hold, chunk=invitation.chunk)
    except ledger.HoldConfirmed:
        return
    discounts.return_use(invitation)


def queue_invitation(invitation: Invitation, sending: str, *, now: datetime) -> None:
    queue_new(invitation_message(invitation, sending, locale=_locale(invitation), now=now))


def _locale(invitation: Invitation) -> str:
    """Return the language of the e-mail: of an offer that in which its recipient joined, else the organisation's."""
    entry = waitlist.find(invitation.org, invitation.session, invitation.entry) if invitation.entry else None
    return entry.locale if entry else organisations.get(invitation.org).locale


def invitation_message(invitation: Invitation, sending: str, *, locale: str, now: datetime) -> Message:
    """Return the e-mail of one sending of an invitation: `sending` is `held` for the first, then the number of sendings."""
    return new_message(
        kind=kind_of(invitation),
        org=invitation.org,
        to=invitation.email,
        locale=locale,
        data={"session": invitation.session, "invitation": invitation.id} | ({"offered_to": invitation.entry} if invitation.entry else {}),
        key=invitation_key(invitation, sending),
        now=now,
    )


def kind_of(invitation: Invitation) -> EmailKind:
    return "waitlist_offer" if invitation.entry else "session_invitation"
