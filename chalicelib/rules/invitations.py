"""An invitation's life cycle: its status at a moment, and who may accept it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.rules.addresses import compared
from chalicelib.rules.consents import Consent
from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.ledger import Hold
from chalicelib.rules.money import Money
from chalicelib.rules.participants import ParticipantDetails
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import Conflict, Forbidden, Gone, Invalid, TooOften
from chalicelib.rules.translation import N_

InvitationStatus = Literal["pending", "waiting_for_approval", "accepted", "declined", "cancelled", "expired"]
LIVE: frozenset[InvitationStatus | None] = frozenset({"pending", "waiting_for_approval"})
"""Those in which an invitation can still be accepted."""
Ending = Literal["declined", "cancelled", "expired"]
Forwarding = Literal["open", "approve", "locked"]


class AlreadyInvited(Conflict):
    """The address has a live invitation to this session already."""

    code = "already_invited"
    sentence = N_("This address already has an invitation to this session. Resend that one, or cancel it first.")

    def __init__(self, invitation: str) -> None:
        self.invitation = invitation


class InvitationEnded(Gone):
    """The link is genuine, but its invitation has ended."""

    code = "invitation_over"

    def __init__(self, status: str) -> None:
        self.status = status

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return ENDED_SENTENCES.get(self.status, ENDED_SENTENCES["cancelled"])


ENDED_SENTENCES = {
    "accepted": N_("This invitation has already been used, and the registration is valid. See its confirmation e-mail."),
    "declined": N_("This invitation was declined. Ask the organiser for a new one if that was a mistake."),
    "cancelled": N_("This invitation was cancelled by the organiser. Ask them if you think that is a mistake."),
    "expired": N_("This invitation has run out. Ask the organiser for a new one."),
    "rotated": N_("This link was replaced by a newer one. Open the latest e-mail."),
}


class InvitationUsed(Conflict):
    code = "already_used"
    sentence = N_("Somebody else has registered with this invitation already. Ask the organiser for one of your own.")


class InvitationAwaitsPayment(Conflict):
    """The invitation is in an order that is to be paid first."""

    code = "awaiting_payment"
    sentence = N_("This invitation is being paid for right now. Finish that payment, or try again in half an hour.")


class InvitationAccepted(Conflict):
    code = "already_accepted"
    sentence = N_("This invitation has been accepted. Remove the participant from the roster instead.")


class InvitationForOtherAddress(Forbidden):
    code = "other_address"
    sentence = N_("This invitation is meant for another address. Register with the address that it was sent to.")


class InvitationNotEnded(Conflict):
    code = "not_over"
    sentence = N_("This invitation is still open. Resend it instead.")


class InvitationNotPending(Conflict):
    code = "not_pending"
    sentence = N_("This invitation is over. Revive it, or send a new one.")


class ExpiresInThePast(Invalid):
    code = "expires_in_the_past"
    sentence = N_("The invitation would have run out already. Choose a later moment, or leave it out.")


class ApprovalPending(Conflict):
    code = "somebody_waits"
    sentence = N_("Someone else has already asked to use this invitation. Ask the organiser for your own.")


class NothingToApprove(Conflict):
    code = "nobody_waits"
    sentence = N_("This invitation isn't waiting for approval. Reload the page to see its status.")


class ResentTooOften(TooOften):
    code = "too_many_requests"
    sentence = N_("This invitation was sent again five times within the hour. Wait a while, or copy its link and pass it on yourself.")


@dataclass(frozen=True, slots=True)
class Claimant:
    """A person with another address than the invited one, who waits for the staff's approval."""

    email: str
    name: str
    participants: tuple[str, ...]
    tier: str
    answers: dict[str, str | bool | int | float]
    locale: str
    asked_at: datetime
    consents: tuple[Consent, ...] = ()
    participant_details: tuple[ParticipantDetails, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """Held spots for one address, and the link that claims them. `id` names its hold in the ledger."""

    org: str
    session: str
    id: str
    email: str
    party_size: int
    expires_at: datetime
    forwarding: Forwarding
    nonce: str
    created_at: datetime
    invited_by: str
    tier: str = ""
    price: Money | None = None
    """The tier's price of one spot when the invitation was sent, valid while the hold is live."""
    discount: Reduction | None = None
    sibling: SiblingDiscount | None = None
    """The discounts when the invitation was sent. A use of the code is reserved for the invitee while the hold is live."""
    discount_returned: bool = False
    extra: int = 0
    note: str = ""
    entry: str = ""
    """The waitlist entry to which it is an offer."""
    chunk: int = 0
    """The chunk where the hold was first tried. Only a hint: the ledger knows where the hold is."""
    link_version: int = 1
    sends: int = 1
    sent_at: tuple[datetime, ...] = ()
    """The resends of the last hour."""
    ended: Ending | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    registration: str = ""
    """The registration that it became."""
    accepted_by: str = ""
    claimant: Claimant | None = None
    revived_at: datetime | None = None
    mail: Literal["queued", "suppressed"] = "queued"
    delivered_at: datetime | None = None
    """When the first of its e-mails reached the address."""
    remind_at: datetime | None = None
    """When the schedule sends the reminder, if the invitation is still live."""
    remind_since: datetime | None = None
    """When that reminder was due, if quiet hours or a suspension put it off."""

    @property
    def public_id(self) -> str:
        """The id in URLs and answers."""
        return public_id(self.session, self.id)

    @property
    def discount_code(self) -> str:
        return self.discount.code if self.discount else ""

    @property
    def begun_at(self) -> datetime:
        """When it was created or last revived."""
        return self.revived_at or self.created_at

    @property
    def is_closed(self) -> bool:
        """Whether its row records a registration or an ending."""
        return bool(self.registration or self.ended)

    @property
    def hold(self) -> Hold:
        """The invitation's hold in the ledger while it is pending."""
        return Hold(spots=self.party_size, state="held", nonce=self.nonce, extra=self.extra, expires_at=int(self.expires_at.timestamp()))


def status(invitation: Invitation, hold: Hold | None, now: datetime) -> InvitationStatus | None:
    """Return the invitation's status at `now`; None for an invitation that never got its hold. The ledger decides."""
    if invitation.registration or (hold and hold.is_taken and hold.is_for(invitation)):
        return "accepted"
    if invitation.ended:
        return invitation.ended
    if invitation.expires_at <= now:
        return "expired"
    if not hold or not hold.is_for(invitation):
        return None
    return "waiting_for_approval" if invitation.claimant else "pending"


def expiry(wanted: datetime | None, *, days: int, last_starts_at: datetime, now: datetime) -> datetime:
    """Return when an invitation made now expires: at `wanted`, or after `days`, but never after the last meeting starts."""
    return min(wanted or now + timedelta(days=days), last_starts_at)


def check_claimant(invitation: Invitation, email: str) -> Literal["may", "must_wait"]:
    """Return whether this address may accept the invitation at once or needs approval.

    Raises InvitationForOtherAddress when the invitation is locked to another address.
    """
    if invitation.forwarding == "open" or compared(email) == compared(invitation.email):
        return "may"
    if invitation.forwarding == "locked":
        raise InvitationForOtherAddress
    return "must_wait"


def resends_left(invitation: Invitation, now: datetime, most: int = 5) -> tuple[datetime, ...]:
    """Return the times of the last hour's resends. Raises ResentTooOften when there are `most` of them already."""
    recent = tuple(moment for moment in invitation.sent_at if now - moment < timedelta(hours=1))
    if len(recent) >= most:
        raise ResentTooOften(retry_after=int((recent[0] + timedelta(hours=1) - now).total_seconds()) + 1)
    return recent
