"""The stored form of invitations."""

from typing import Any

from chalicelib.rules import times
from chalicelib.rules.invitations import Claimant, Invitation
from chalicelib.rules.participants import ParticipantDetails
from chalicelib.tables import keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.registrations.rows import DETAILS

CLAIMANTS = Codec(Claimant, inner={ParticipantDetails: DETAILS})
INVITATIONS = Codec(
    Invitation,
    elsewhere={"org", "session", "id"},
    always={"extra", "chunk", "link_version", "sends", "sent_at", "mail"},
    missing={"email": "", "invited_by": ""},
    inner={Claimant: CLAIMANTS},
)


def invitation_from(row: Item) -> Invitation:
    values = plain(row)
    if values.get("remind_at") == values.get("expires_at"):
        values.pop("remind_at", None)
    org, _, session = values["pk"].partition("#")
    return INVITATIONS.read(values, org=org, session=session, id=values["sk"].removeprefix(keys.INVITATION))


INDEXED = {"booker", "remind", "remind_at", "due", "due_at"}
"""The attributes of the indexes."""


def invitation_item(invitation: Invitation) -> Item:
    return {
        **keys.invitation(invitation.org, invitation.session, invitation.id).stored(),
        **item(
            {
                **INVITATIONS.write(invitation),
                "booker": keys.invited(invitation.org, invitation.email),
                **(_waiting(invitation) if not invitation.is_closed else {"remind_at": None}),
            }
        ),
    }


def _waiting(invitation: Invitation) -> dict[str, Any]:
    """Return the index attributes of a live invitation: the clock looks at it for a reminder, and without one when it expires."""
    return {
        "remind": keys.clock("invitations", invitation.org),
        "remind_at": times.written(invitation.remind_at or invitation.expires_at),
        "due": invitation.org,
        "due_at": f"{times.written(invitation.expires_at)}#{invitation.session}#{invitation.id}",
    }
