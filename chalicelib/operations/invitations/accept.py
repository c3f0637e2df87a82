"""Answers to an invitation: accept and decline.

Accepting writes the registration's row, then confirms the hold; the ledger decides between two who try. Three requests.
"""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import public_limits
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations.lifecycle import free
from chalicelib.operations.invitations.queries import ClaimView, claim_view
from chalicelib.operations.registrations.booking import check_answers, check_form, check_tier, form_facts, write_registration
from chalicelib.rules.addresses import compared
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.invitations import (
    LIVE,
    ApprovalPending,
    Claimant,
    Invitation,
    InvitationAccepted,
    InvitationAwaitsPayment,
    InvitationEnded,
    InvitationUsed,
    check_claimant,
)
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.participants import GivenAnswers
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registration_refusals import TooManyParticipants
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import invitations, ledger, registrations


class Accepted(NamedTuple):
    """The registration of an accepted invitation. `new` is False for a repeated acceptance."""

    registration: Registration
    session: Session
    new: bool


class WaitsForApproval(NamedTuple):
    """The acceptance needs the approval of staff. The spots stay held, and nothing is registered yet."""

    invitation: Invitation
    session: Session


def accept(token: str, acceptance: AcceptInput, *, locale: str, source: str = "", now: datetime) -> Accepted | WaitsForApproval:
    """Register the holder of the link, or record the acceptance for approval. A retry returns the same registration.

    Checked in this order: ended or used (InvitationEnded, InvitationUsed), BookingsPaused, forwarding (InvitationForOtherAddress), the form
    (TooManyParticipants, TierNeeded, UnknownTier, AnswersDoNotFit, AgeNotAllowed). Raises ApprovalPending while
    another address awaits approval, InvitationAwaitsPayment while an order has it that is to be paid first.
    `source` is the client's network address, for which other addresses than the invited one are counted: TooManyRequests.
    """
    view = claim_view(token, email=acceptance.email, now=now, believing_row=True)
    if view.status == "accepted":
        return _accepted_before(view, acceptance.email)
    if view.status not in LIVE:
        raise InvitationEnded(view.status)
    check_takes_bookings(view.organisation)
    with public_limits.wrong_addresses(view.invitation, source=source, now=now):
        must_wait = check_claimant(view.invitation, acceptance.email) == "must_wait"
    registration = registration_of(view, acceptance, locale=locale, now=now)
    if not registration.is_vouched_for:
        public_limits.count("registration", registration.org, acceptance.email, source=source, now=now)
    if must_wait:
        return _wait(view, acceptance, registration, now)
    return confirm_acceptance(view, registration, now)


def decline(token: str, *, now: datetime) -> None:
    """Decline the invitation and free its spots. Does nothing if it was declined already. Raises NotFound, InvitationEnded."""
    view = claim_view(token, now=now)
    if view.status == "declined":
        free(view.invitation)  # The request that declined it may have failed before it freed the spots.
        return
    if view.status not in LIVE:
        raise InvitationEnded(view.status)
    invitation = view.invitation
    try:
        ended = invitations.end(
            invitation.org, invitation.session, invitation.id, "declined", by=invitation.email, now=now, nonce=invitation.nonce
        )
    except invitations.NotMovable as refused:
        ended = refused.invitation
        if ended.ended != "declined":  # Otherwise an earlier write of this request succeeded and its reply was lost.
            raise InvitationEnded(ended.ended or "accepted") from None
    try:
        free(ended)
    except InvitationAccepted:
        raise InvitationEnded("accepted") from None


def _registration_id(invitation: Invitation, email: str) -> str:
    """Return the registration's id: the same if this address accepts again, another one once the invitation was revived."""
    return derived("accept", invitation.id, invitation.nonce, compared(email))


def _accepted_before(view: ClaimView, email: str) -> Accepted:
    invitation = view.invitation
    id = _registration_id(invitation, email)
    registration = registrations.find(invitation.org, invitation.session, id)
    if registration and not registration.removed_at and registration.holds(ledger.hold_of(invitation)):
        return Accepted(registration, view.session, new=False)
    if registration and registration.removed_at:
        raise InvitationEnded("accepted")
    raise InvitationUsed


def registration_of(
    view: ClaimView, acceptance: AcceptInput, *, locale: str, now: datetime, before: Claimant | None = None
) -> Registration:
    """Return the registration that the form describes. `before`: who sent it, and has waited for approval since."""
    invitation, session = view.invitation, view.session
    _check_party(invitation, acceptance)
    tier, price = price_of(invitation, session, acceptance.tier)
    _check_form(session, acceptance, before, now=now)
    return Registration(
        org=invitation.org,
        session=invitation.session,
        id=_registration_id(invitation, acceptance.email),
        hold=invitation.id,
        nonce=invitation.nonce,
        email=acceptance.email,
        name=acceptance.name,
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
        chunk=invitation.chunk,
        **form_facts(session, acceptance, before, now=now),
    )


def _check_party(invitation: Invitation, acceptance: AcceptInput) -> None:
    if len(acceptance.participants) > invitation.party_size:
        raise TooManyParticipants(invitation.party_size)


def _check_form(session: Session, acceptance: AcceptInput, before: Claimant | None, *, now: datetime) -> None:
    if before is None:
        check_form(session, acceptance, covers_from=now)
    else:  # Their age was checked when they sent the form.
        check_answers(session, GivenAnswers(acceptance.answers, {n: one.answers for n, one in enumerate(acceptance.participants)}))


def price_of(invitation: Invitation, session: Session, wanted: str | None) -> tuple[str, Money]:
    """Return the tier's id and the price per spot: as fixed by the invitation, else as chosen in the form."""
    if invitation.price is not None:
        return invitation.tier, invitation.price
    tier = check_tier(session, wanted)
    return tier.id, tier.price


def _wait(view: ClaimView, acceptance: AcceptInput, registration: Registration, now: datetime) -> WaitsForApproval:
    claimant = Claimant(
        email=acceptance.email,
        name=acceptance.name,
        participants=registration.participants,
        tier=registration.tier,
        answers=dict(registration.answers),
        locale=registration.locale,
        asked_at=now,
        consents=registration.consents,
        participant_details=registration.participant_details,
    )
    try:
        return WaitsForApproval(invitations.ask_approval(view.invitation, claimant), view.session)
    except invitations.NotMovable as refused:
        ended = refused.invitation.ended
        raise (InvitationEnded(ended) if ended else ApprovalPending()) from None


def confirm_acceptance(view: ClaimView, registration: Registration, now: datetime) -> Accepted:
    """Write the registration and confirm its hold. Raises InvitationEnded, InvitationUsed, InvitationAwaitsPayment."""
    invitation = view.invitation
    write_registration(registration, now, others=view.other_addresses)
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
        registrations.delete_attempt(registration)
        raise InvitationUsed from None
    except ledger.HoldAwaitsPayment:
        registrations.delete_attempt(registration)
        raise InvitationAwaitsPayment from None
    except ledger.HoldGone as gone:
        # All attempts of this address share the row. Keep it while one whose clock is behind may still confirm the hold.
        if not isinstance(gone, ledger.HoldRunOut):
            registrations.delete_attempt(registration)
        raise InvitationEnded(how_it_ended(invitation)) from None
    return Accepted(registration, view.session, new=new)


def how_it_ended(invitation: Invitation) -> str:
    try:
        return invitations.get(invitation.org, invitation.session, invitation.id).ended or "expired"
    except NotFound:
        return "cancelled"
