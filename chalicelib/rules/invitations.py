"""An invitation's life: what it is at a moment, and who may use it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.rules.addresses import compared
from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.ledger import Hold
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Refusal, marked

Status = Literal["pending", "waiting_for_approval", "accepted", "declined", "cancelled", "expired"]
Ending = Literal["declined", "cancelled", "expired"]
Forwarding = Literal["open", "approve", "locked"]


class AlreadyInvited(Refusal):
    """One live invitation per session and address."""

    code = "already_invited"
    sentence = marked("This address already has an invitation to this session. Resend that one, or cancel it first.")

    def __init__(self, invitation: str) -> None:
        self.invitation = invitation


class InvitationOver(Refusal):
    """The link was good once; its invitation has ended."""

    code = "invitation_over"

    def __init__(self, status: str) -> None:
        self.status = status

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return OVER.get(self.status, OVER["cancelled"])


OVER = {
    "accepted": marked("This invitation has been used. The registration it led to stands."),
    "declined": marked("This invitation was declined. Ask the organiser for a new one if that was a mistake."),
    "cancelled": marked("This invitation was cancelled by the organiser. Ask them if you think that is a mistake."),
    "expired": marked("This invitation has run out. Ask the organiser for a new one."),
    "rotated": marked("This link was replaced by a newer one. Open the latest e-mail."),
}


class AlreadyUsed(Refusal):
    code = "already_used"
    sentence = marked("Somebody else has registered with this invitation already. Ask the organiser for one of your own.")


class AlreadyAccepted(Refusal):
    code = "already_accepted"
    sentence = marked("This invitation has been accepted. Remove the participant from the roster instead.")


class OtherAddress(Refusal):
    code = "other_address"
    sentence = marked("This invitation is meant for another address. Register with the address that it was sent to.")


class NotOver(Refusal):
    code = "not_over"
    sentence = marked("This invitation is still live, so there is nothing to revive.")


class NotPending(Refusal):
    code = "not_pending"
    sentence = marked("This invitation is over. Revive it, or send a new one.")


class ExpiresInThePast(Refusal):
    code = "expires_in_the_past"
    sentence = marked("The invitation would have run out already. Choose a later moment, or leave it out.")


class SomebodyWaits(Refusal):
    code = "somebody_waits"
    sentence = marked("Somebody else has asked to use this invitation already, and the organiser has yet to answer.")


class NobodyWaits(Refusal):
    code = "nobody_waits"
    sentence = marked("Nobody waits for your approval on this invitation.")


class ResentTooOften(Refusal):
    code = "too_many_requests"
    sentence = marked("This invitation was sent again five times within the hour. Wait a while, or copy its link and pass it on yourself.")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Claimant:
    """Somebody with another address than the invited one, who waits for staff's yes."""

    email: str
    name: str
    participants: tuple[str, ...]
    tier: str
    answers: dict[str, str | bool | int | float]
    locale: str
    asked_at: datetime


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
    """The tier's price of one spot when it was sent: a snapshot while the hold lives."""
    discount: Reduction | None = None
    sibling: SiblingDiscount | None = None
    """What lowers the price, as it was when it was sent. A use of the code is kept for the invitee while the hold lives."""
    discount_returned: bool = False
    extra: int = 0
    note: str = ""
    entry: str = ""
    """The entry of the waitlist that it is an offer to."""
    chunk: int = 0
    """Where the hold was first tried: a hint, the ledger decides."""
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
    remind_at: datetime | None = None
    """When the schedule reminds of it, if it is still live by then."""

    @property
    def discount_code(self) -> str:
        return self.discount.code if self.discount else ""

    @property
    def begun_at(self) -> datetime:
        """When it last began to live."""
        return self.revived_at or self.created_at

    @property
    def over(self) -> bool:
        """Whether its row says that it became a registration or has ended."""
        return bool(self.registration or self.ended)

    @property
    def hold(self) -> Hold:
        """The hold that this invitation has in the ledger while it is pending."""
        return Hold(n=self.party_size, s="H", v=self.nonce, x=self.extra, e=int(self.expires_at.timestamp()))


def status(invitation: Invitation, hold: Hold | None, now: datetime) -> Status | None:
    """Return what the invitation is now. The ledger decides; None is an invitation that never got its hold."""
    if invitation.registration or (hold and hold.s == "C" and hold.v == invitation.nonce):
        return "accepted"
    if invitation.ended:
        return invitation.ended
    if invitation.expires_at <= now:
        return "expired"
    if not hold or hold.v != invitation.nonce:
        return None
    return "waiting_for_approval" if invitation.claimant else "pending"


def expiry(asked: datetime | None, *, days: int, last_starts_at: datetime, now: datetime) -> datetime:
    """Return when an invitation made now runs out: as asked or after so many days, never after the last meeting starts."""
    return min(asked or now + timedelta(days=days), last_starts_at)


def check_claimant(invitation: Invitation, email: str) -> Literal["may", "must_wait"]:
    """Say whether this address may use the invitation at once, or refuse it."""
    if invitation.forwarding == "open" or compared(email) == compared(invitation.email):
        return "may"
    if invitation.forwarding == "locked":
        raise OtherAddress
    return "must_wait"


def resends_left(invitation: Invitation, now: datetime, most: int = 5) -> tuple[datetime, ...]:
    """Return the resends of the last hour, or refuse one more."""
    recent = tuple(moment for moment in invitation.sent_at if now - moment < timedelta(hours=1))
    if len(recent) >= most:
        raise ResentTooOften(retry_after=int((recent[0] + timedelta(hours=1) - now).total_seconds()) + 1)
    return recent
