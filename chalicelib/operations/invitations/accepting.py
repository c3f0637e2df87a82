"""Using an invitation: accept, decline; and for another address that must wait, approve and reject.

Accepting writes the registration's row, then confirms the hold; the ledger decides between two who try. Three requests.
"""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.operations.invitations.keeping import free
from chalicelib.operations.invitations.looking import Offer, offered, read_offer
from chalicelib.operations.registrations.seating import check_answers, check_tier, write_registration
from chalicelib.rules.addresses import compared
from chalicelib.rules.drafts.invitations import Acceptance
from chalicelib.rules.drafts.registrations import ParticipantDraft
from chalicelib.rules.invitations import (
    AlreadyAccepted,
    AlreadyUsed,
    Claimant,
    Invitation,
    InvitationOver,
    NobodyWaits,
    SomebodyWaits,
    check_claimant,
)
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration, TooManyParticipants
from chalicelib.rules.sessions import Session
from chalicelib.tables import invitations, keys, ledger, registrations


class Accepted(NamedTuple):
    """A registration made of an invitation; `new` is False when the same person had made it before."""

    registration: Registration
    session: Session
    new: bool


class Waiting(NamedTuple):
    """Nothing is registered yet: staff must say yes first. The hold stays meanwhile."""

    invitation: Invitation
    session: Session


def accept(token: str, acceptance: Acceptance, *, locale: str, now: datetime) -> Accepted | Waiting:
    """Register whoever has the link, or let them wait for staff.

    Checked in this order: over or used (InvitationOver, AlreadyUsed), forwarding (OtherAddress), the form (TierNeeded, AnswersDoNotFit, …).
    """
    offer = offered(token, now=now, believing_row=True)
    if offer.status == "accepted":
        return _accepted_before(offer, acceptance.email)
    if offer.status not in {"pending", "waiting_for_approval"}:
        raise InvitationOver(offer.status)
    must_wait = check_claimant(offer.invitation, acceptance.email) == "must_wait"
    registration = _registration(offer, acceptance, locale=locale, now=now)
    if must_wait:
        return _wait(offer, acceptance, registration, now)
    return _confirm(offer, registration, now)


def decline(token: str, *, now: datetime) -> None:
    """End the invitation by its holder's wish and free its spots. Declined already: nothing changes. Raises InvitationOver."""
    offer = offered(token, now=now)
    if offer.status == "declined":
        free(offer.invitation)  # Whoever declined it may have been cut off before the spots were free.
        return
    if offer.status not in {"pending", "waiting_for_approval"}:
        raise InvitationOver(offer.status)
    invitation = offer.invitation
    try:
        ended = invitations.end(
            invitation.org, invitation.session, invitation.id, "declined", by=invitation.email, now=now, nonce=invitation.nonce
        )
    except invitations.NotMovable as refused:
        ended = refused.invitation
        if ended.ended != "declined":  # Else it was this very request, whose reply was lost.
            raise InvitationOver(ended.ended or "accepted") from None
    try:
        free(ended)
    except AlreadyAccepted:
        raise InvitationOver("accepted") from None


def approve(org: str, invitation_id: str, *, now: datetime) -> Accepted:
    """Say yes to who waits: they are registered with what they filled in. Raises NobodyWaits, InvitationOver."""
    offer = _live_offer(org, invitation_id, now)
    claimant = offer.invitation.claimant
    if claimant is None:
        raise NobodyWaits
    acceptance = Acceptance(
        email=claimant.email,
        name=claimant.name,
        participants=[ParticipantDraft(name=name) for name in claimant.participants],
        tier=claimant.tier or None,
        answers=claimant.answers,
    )
    return _confirm(offer, _registration(offer, acceptance, locale=claimant.locale, now=now), now)


def reject(org: str, invitation_id: str, *, now: datetime) -> Invitation:
    """Say no to who waits; the invited address may still use the invitation. Raises NobodyWaits, InvitationOver."""
    offer = _live_offer(org, invitation_id, now)
    claimant = offer.invitation.claimant
    if claimant is None:
        raise NobodyWaits
    try:
        return invitations.drop_claimant(offer.invitation, claimant)
    except invitations.NotMovable:
        raise NobodyWaits from None


def _live_offer(org: str, invitation_id: str, now: datetime) -> Offer:
    offer = read_offer(org, *keys.parted(invitation_id), now=now)
    if offer.status not in {"pending", "waiting_for_approval"}:
        raise InvitationOver(offer.status)
    return offer


def _own_id(invitation: Invitation, email: str) -> str:
    """The same person accepting again is the same registration; so is a revived invitation's a new one."""
    return derived("accept", invitation.id, invitation.nonce, compared(email))


def _accepted_before(offer: Offer, email: str) -> Accepted:
    invitation = offer.invitation
    own = _own_id(invitation, email)
    registration = registrations.find(invitation.org, invitation.session, own)
    standing = ledger.locate(invitation.org, invitation.session, invitation.id, chunk=invitation.chunk)
    if registration and not registration.removed_at and registration.holds(standing[1] if standing else None):
        return Accepted(registration, offer.session, new=False)
    if registration and registration.removed_at:
        raise InvitationOver("accepted")
    raise AlreadyUsed


def _registration(offer: Offer, acceptance: Acceptance, *, locale: str, now: datetime) -> Registration:
    invitation, session = offer.invitation, offer.session
    if len(acceptance.participants) > invitation.party_size:
        raise TooManyParticipants(invitation.party_size)
    tier, price = _terms(invitation, session, acceptance.tier)
    check_answers(session, acceptance.answers)
    return Registration(
        org=invitation.org,
        session=invitation.session,
        id=_own_id(invitation, acceptance.email),
        hold=invitation.id,
        nonce=invitation.nonce,
        email=acceptance.email,
        name=acceptance.name,
        participants=tuple(participant.name for participant in acceptance.participants),
        party_size=invitation.party_size,
        tier=tier,
        price=price,
        discount=invitation.discount,
        sibling=invitation.sibling,
        source="invitation",
        locale=locale,
        created_at=now,
        covers_from=now,
        invitation=invitation.id,
        invited_email=invitation.email,
        answers=tuple(acceptance.answers.items()),
        chunk=invitation.chunk,
    )


def _terms(invitation: Invitation, session: Session, wanted: str | None) -> tuple[str, Money]:
    """Return tier and price of one spot: as they were when the invitation fixed them, else as the invitee chooses now."""
    if invitation.price is not None:
        return invitation.tier, invitation.price
    tier = check_tier(session, wanted)
    return tier.id, tier.price


def _wait(offer: Offer, acceptance: Acceptance, registration: Registration, now: datetime) -> Waiting:
    claimant = Claimant(
        email=acceptance.email,
        name=acceptance.name,
        participants=registration.participants,
        tier=registration.tier,
        answers=dict(registration.answers),
        locale=registration.locale,
        asked_at=now,
    )
    try:
        return Waiting(invitations.ask_approval(offer.invitation, claimant), offer.session)
    except invitations.NotMovable as refused:
        ended = refused.invitation.ended
        raise (InvitationOver(ended) if ended else SomebodyWaits()) from None


def _confirm(offer: Offer, registration: Registration, now: datetime) -> Accepted:
    invitation = offer.invitation
    write_registration(registration, now)
    try:
        new = ledger.confirm(
            invitation.org,
            invitation.session,
            invitation.id,
            nonce=invitation.nonce,
            registration=registration.id,
            chunk=invitation.chunk,
            now=int(now.timestamp()),
        )
    except ledger.HoldConfirmed:
        registrations.take_back(registration)
        raise AlreadyUsed from None
    except ledger.HoldGone as gone:
        # The row belongs to every try of this person; while one with a slower clock may still confirm, it stays.
        if not isinstance(gone, ledger.HoldRunOut):
            registrations.take_back(registration)
        raise InvitationOver(_ended(invitation)) from None
    return Accepted(registration, offer.session, new=new)


def _ended(invitation: Invitation) -> str:
    try:
        return invitations.get(invitation.org, invitation.session, invitation.id).ended or "expired"
    except NotFound:
        return "cancelled"
