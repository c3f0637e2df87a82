"""Invitations of many people to one session: a dry run, then a job."""

from chalicelib.api.discounts import DISCOUNTED
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.imports import UNREADABLE
from chalicelib.api.jobs import JobStartedOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.sessions import SESSION
from chalicelib.operations import bulk_invitations
from chalicelib.rules.bulk_invitations import AddressSkipReason, NoAddressColumn, NotEnoughSpots, TooManyRecipients
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.invitations import ExpiresInThePast
from chalicelib.rules.ledger import TooManyExtras
from chalicelib.rules.quotas import TooManyMails
from chalicelib.rules.registration_refusals import UnknownTier
from chalicelib.rules.session_refusals import SessionCancelled, SessionPast
from chalicelib.web.audience import Staff

MEGABYTE = 1024 * 1024


class BulkCountsOut(Out):
    total: int
    """The number of addresses that were named."""
    recipients: int
    """The number who would be invited."""
    skipped: int


class BulkSkippedOut(Out):
    email: str
    reason: AddressSkipReason


class BulkPreviewOut(Out):
    counts: BulkCountsOut
    fits: int
    """How many of the recipients, in order, get their spots as things stand."""
    skipped: list[BulkSkippedOut]

    @classmethod
    def of(cls, preview: bulk_invitations.BulkPreview) -> "BulkPreviewOut":
        choice = preview.choice
        counts = BulkCountsOut(total=choice.total, recipients=len(choice.recipients), skipped=len(choice.skipped))
        return cls(counts=counts, fits=preview.fits, skipped=[BulkSkippedOut(email=one.email, reason=one.reason) for one in choice.skipped])


@endpoint(
    "POST",
    SESSION + "/invitations/bulk",
    id="invitations.invite_many",
    who=Staff("manage_roster"),
    takes=BulkInvitationInput,
    gives={200: BulkPreviewOut, 202: JobStartedOut},
    refuses=(
        NotEnoughSpots,
        TooManyMails,
        TooManyExtras,
        TooManyRecipients,
        NoAddressColumn,
        ExpiresInThePast,
        SessionPast,
        SessionCancelled,
        UnknownTier,
        *DISCOUNTED,
        *UNREADABLE,
    ),
    most_bytes=MEGABYTE,
)
def invite_many(request: Request[BulkInvitationInput]) -> ApiResponse:
    """Hold spots for many addresses, all of them or as many as fit in order, and invite each; a dry run lists who is skipped and why."""
    org, session, draft, now = request.org, request["session"], request.body, request.call.now
    if draft.dry_run:
        return ApiResponse(200, BulkPreviewOut.of(bulk_invitations.preview(org, session, draft, now=now)))
    return ApiResponse(202, JobStartedOut(job=bulk_invitations.invite_many(org, session, draft, by=request.by, key=request.key, now=now)))
