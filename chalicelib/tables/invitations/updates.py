"""Records, on an invitation's row, of what people did. Only the ledger knows whether its spots are held or taken."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.addresses import compared
from chalicelib.rules.invitations import Claimant, Ending, Invitation
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import NEW, THERE, Condition, Update, absent, equals, same_attempt
from chalicelib.tables.invitations.rows import CLAIMANTS, invitation_from
from chalicelib.tables.invitations.writes import NOT_ACCEPTED, NOT_ENDED, address_key
from chalicelib.tables.items import stored

WHILE_LIVE = ("due", "due_at", "remind", "remind_at", "remind_since", "claimant")
"""Attributes that an invitation has only while it is live."""


class NotMovable(Exception):
    """The row does not allow the change. `invitation` is its present state."""

    def __init__(self, invitation: Invitation) -> None:
        self.invitation = invitation


def end(org: str, session: str, id: str, ending: Ending, *, by: str, now: datetime, nonce: str = "") -> Invitation:
    """Record how the invitation ended; the ledger must follow. Raises NotFound, and NotMovable when it was accepted or has ended."""
    live = THERE & NOT_ACCEPTED & NOT_ENDED
    over = Update().set(ended=ending, ended_at=times.written(now), ended_by=by).remove(*WHILE_LIVE)
    return change(org, session, id, over, live & same_attempt(nonce) if nonce else live)


def mark_accepted(org: str, session: str, id: str, *, nonce: str, registration: str, by: str) -> bool:
    """Record the ledger's decision that the invitation became this registration. False when the row is another attempt's."""
    accepted = Update().set(registration=registration, accepted_by=by).remove(*WHILE_LIVE, "ended", "ended_at", "ended_by")
    try:
        change(org, session, id, accepted, same_attempt(nonce) & NOT_ACCEPTED)
    except (NotMovable, NotFound):
        return False
    return True


def prolong_write(invitation: Invitation, until: datetime) -> dict[str, Any]:
    """Return the transaction write that lets a live invitation expire later, with its hold. It fails if it has ended or changed."""
    rows, moment = config().rosters_table, times.written(until)
    later = Update().set(expires_at=moment, due_at=f"{moment}#{invitation.session}#{invitation.id}")
    if invitation.remind_at is None:
        later = later.set(remind_at=moment)
    live = same_attempt(invitation.nonce) & NOT_ENDED & NOT_ACCEPTED & equals("expires_at", times.written(invitation.expires_at))
    return dynamodb.update_write(rows, keys.invitation(invitation.org, invitation.session, invitation.id), later, live)


def note_delivered(org: str, session: str, id: str, *, now: datetime) -> None:
    """Record that an e-mail with the invitation reached its address; an earlier record stays."""
    with suppress(dynamodb.ConditionFailed):
        delivered = Update().set(delivered_at=times.written(now))
        dynamodb.update(config().rosters_table, keys.invitation(org, session, id), delivered, THERE & absent("delivered_at"), want="NONE")


def note_resend(
    invitation: Invitation, *, recent: tuple[datetime, ...], rotate: bool, mail: Literal["queued", "suppressed"] = "queued", now: datetime
) -> Invitation:
    """Count a resend; `rotate` makes a new link. Raises NotMovable when the invitation has changed since it was read."""
    resent = Update().set(mail=mail, sent_at=[times.written(moment) for moment in (*recent, now)]).add(sends=1, link_version=int(rotate))
    as_sent = equals("sends", invitation.sends) & equals("link_version", invitation.link_version)
    live = same_attempt(invitation.nonce) & as_sent & NOT_ENDED & NOT_ACCEPTED
    return change(invitation.org, invitation.session, invitation.id, resent, live)


def readdress(invitation: Invitation, email: str, *, mail: Literal["queued", "suppressed"]) -> Invitation | None:
    """Give a live invitation another address, and its link a new version, and count a resend.

    None when it has ended or changed since it was read, or when the address has another invitation to the session.
    """
    rosters, moved = config().rosters_table, replace(invitation, email=email)
    live = same_attempt(invitation.nonce) & equals("email", invitation.email) & NOT_ENDED & NOT_ACCEPTED
    row = Update().set(email=email, booker=keys.invited(invitation.org, email), mail=mail).add(sends=1, link_version=1)
    writes = [dynamodb.update_write(rosters, keys.invitation(invitation.org, invitation.session, invitation.id), row, live)]
    if compared(email) != compared(invitation.email):
        guard = {**address_key(moved).stored(), "invitation": stored(invitation.id)}
        writes.append(dynamodb.put_write(rosters, guard, NEW | equals("invitation", invitation.id)))
        writes.append(dynamodb.delete_write(rosters, address_key(invitation), NEW | equals("invitation", invitation.id)))
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed:
        return None
    return replace(moved, mail=mail, sends=invitation.sends + 1, link_version=invitation.link_version + 1)


def ask_approval(invitation: Invitation, claimant: Claimant) -> Invitation:
    """Store the claimant until staff decide. Raises NotMovable when another claimant waits already."""
    waits = invitation.claimant
    same_person = waits.email if waits and compared(waits.email) == compared(claimant.email) else claimant.email
    nobody_else_waits = absent("claimant") | equals(("claimant", "email"), same_person)
    live = same_attempt(invitation.nonce) & NOT_ENDED & NOT_ACCEPTED
    waiting = Update().set(claimant=CLAIMANTS.write(claimant))
    return change(invitation.org, invitation.session, invitation.id, waiting, live & nobody_else_waits)


def drop_claimant(invitation: Invitation, claimant: Claimant) -> Invitation:
    """Remove the claimant; the invitation stays. Raises NotMovable when another claimant waits by now."""
    they_wait = equals(("claimant", "email"), claimant.email)
    return change(invitation.org, invitation.session, invitation.id, Update().remove("claimant"), they_wait)


def change(org: str, session: str, id: str, change: Update, condition: Condition) -> Invitation:
    try:
        changed = dynamodb.update(config().rosters_table, keys.invitation(org, session, id), change, condition)
    except dynamodb.ConditionFailed as failed:
        if not failed.old:
            raise NotFound from None
        raise NotMovable(invitation_from(failed.old)) from None
    return invitation_from(changed)
