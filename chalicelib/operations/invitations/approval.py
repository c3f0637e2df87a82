"""Approval of an acceptance from another address than the invited one: approve and reject."""

from datetime import datetime

from chalicelib.operations.invitations.accept import Accepted, confirm_acceptance, registration_of
from chalicelib.operations.invitations.queries import ClaimView, read_claim_view
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.invitations import LIVE, Claimant, Invitation, InvitationEnded, NothingToApprove
from chalicelib.rules.participants import UNKNOWN
from chalicelib.rules.refs import Ref
from chalicelib.tables import customers, invitations


def approve(org: str, public_id: str, *, now: datetime) -> Accepted:
    """Approve the waiting acceptance: register it as it was filled in.

    Raises NotFound, NothingToApprove, InvitationEnded, InvitationAwaitsPayment, and the errors of the form if the session has changed
    since.
    """
    view = _live(org, public_id, now)
    claimant = view.invitation.claimant
    if claimant is None:
        raise NothingToApprove
    acceptance = AcceptInput.model_construct(  # its fields were validated when it was sent
        email=claimant.email,
        name=claimant.name,
        participants=_participants(claimant),
        tier=claimant.tier or None,
        answers=claimant.answers,
    )
    others = customers.other_addresses(org, claimant.email)
    registration = registration_of(view, acceptance, locale=claimant.locale, now=now, before=claimant)
    return confirm_acceptance(view._replace(other_addresses=others), registration, now)


def reject(org: str, public_id: str, *, now: datetime) -> Invitation:
    """Reject the waiting acceptance. The invited address may still accept. Raises NotFound, NothingToApprove, InvitationEnded."""
    view = _live(org, public_id, now)
    claimant = view.invitation.claimant
    if claimant is None:
        raise NothingToApprove
    try:
        return invitations.drop_claimant(view.invitation, claimant)
    except invitations.NotMovable:
        raise NothingToApprove from None


def _participants(claimant: Claimant) -> list[ParticipantInput]:
    """Return the participants of a waiting acceptance, with their answers."""
    details = [*claimant.participant_details, *[UNKNOWN] * len(claimant.participants)]
    known = zip(claimant.participants, details, strict=False)
    return [
        ParticipantInput.model_validate({"name": name, "answers": dict(one.answers), "date_of_birth": one.date_of_birth or None})
        for name, one in known
    ]


def _live(org: str, public_id: str, now: datetime) -> ClaimView:
    view = read_claim_view(*Ref.parse(org, public_id), now=now)
    if view.status not in LIVE:
        raise InvitationEnded(view.status)
    return view
