"""What people did with an invitation. Whether its spots are held or taken is the ledger's to say."""

from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.addresses import compared
from chalicelib.rules.invitations import Claimant, Ending, Invitation
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.invitations.rows import claimant_item, invitation_from
from chalicelib.tables.items import Item, stored

THERE = "attribute_exists(pk)"
SAME_ATTEMPT = "nonce = :nonce"
NOT_ENDED = "attribute_not_exists(ended)"
NOT_ACCEPTED = "attribute_not_exists(registration)"
AS_READ = "nonce = :nonce AND sends = :sends AND link_version = :link_version"
WAITING = "due, due_at, remind, remind_at, claimant"
"""What an invitation has only while it is live."""
NOBODY_ELSE_WAITS = "(attribute_not_exists(claimant) OR claimant.email = :email)"


class NotMovable(Exception):
    """The row does not allow the change. `invitation` is what it is instead."""

    def __init__(self, invitation: Invitation) -> None:
        self.invitation = invitation


def end(org: str, session: str, own: str, ending: Ending, *, by: str, now: datetime, nonce: str = "") -> Invitation:
    """Note how the invitation ended; the ledger must follow. Raises NotFound, and NotMovable when it was accepted or has ended already."""
    conditions = [THERE, NOT_ACCEPTED, NOT_ENDED, *([SAME_ATTEMPT] if nonce else [])]
    return change(
        org,
        session,
        own,
        f"SET ended = :ending, ended_at = :now, ended_by = :by REMOVE {WAITING}",
        " AND ".join(conditions),
        {
            ":ending": stored(ending),
            ":now": stored(times.written(now)),
            ":by": stored(by),
            **({":nonce": stored(nonce)} if nonce else {}),
        },
    )


def mark_accepted(org: str, session: str, own: str, *, nonce: str, registration: str, by: str) -> bool:
    """Note what the ledger has decided: the invitation became this registration. False when the row is another attempt's."""
    try:
        change(
            org,
            session,
            own,
            f"SET registration = :registration, accepted_by = :by REMOVE {WAITING}, ended, ended_at, ended_by",
            f"{SAME_ATTEMPT} AND {NOT_ACCEPTED}",
            {":registration": stored(registration), ":by": stored(by), ":nonce": stored(nonce)},
        )
    except (NotMovable, NotFound):
        return False
    return True


def note_resend(invitation: Invitation, *, recent: tuple[datetime, ...], rotate: bool, now: datetime) -> Invitation:
    """Count one more sending, with a new link if asked. Raises NotMovable when it changed since it was read."""
    return change(
        invitation.org,
        invitation.session,
        invitation.id,
        "SET sends = sends + :one, link_version = link_version + :new, sent_at = :sent_at",
        f"{AS_READ} AND {NOT_ENDED} AND {NOT_ACCEPTED}",
        {
            ":one": stored(1),
            ":new": stored(int(rotate)),
            ":sent_at": stored([times.written(moment) for moment in (*recent, now)]),
            ":nonce": stored(invitation.nonce),
            ":sends": stored(invitation.sends),
            ":link_version": stored(invitation.link_version),
        },
    )


def ask_approval(invitation: Invitation, claimant: Claimant) -> Invitation:
    """Keep what somebody with another address filled in until staff decide. Raises NotMovable when somebody else waits already."""
    waits = invitation.claimant
    same_person = waits.email if waits and compared(waits.email) == compared(claimant.email) else claimant.email
    return change(
        invitation.org,
        invitation.session,
        invitation.id,
        "SET claimant = :claimant",
        f"{SAME_ATTEMPT} AND {NOT_ENDED} AND {NOT_ACCEPTED} AND {NOBODY_ELSE_WAITS}",
        {":claimant": stored(claimant_item(claimant)), ":nonce": stored(invitation.nonce), ":email": stored(same_person)},
    )


def drop_claimant(invitation: Invitation, claimant: Claimant) -> Invitation:
    """Forget who waited; the invitation stays as it is. Raises NotMovable when somebody else waits by now."""
    return change(
        invitation.org,
        invitation.session,
        invitation.id,
        "REMOVE claimant",
        "claimant.email = :email",
        {":email": stored(claimant.email)},
    )


def change(org: str, session: str, own: str, change: str, condition: str, values: Item) -> Invitation:
    try:
        changed = requests.update(settings().rosters_table, keys.invitation(org, session, own), change, condition, values=values)
    except requests.ConditionFailed as failed:
        if not failed.old:
            raise NotFound from None
        raise NotMovable(invitation_from(failed.old)) from None
    return invitation_from(changed)
