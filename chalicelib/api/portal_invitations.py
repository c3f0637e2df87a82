"""Portal invitations: to one customer, or to many as a job, with a dry run before and progress afterwards."""

from typing import Literal

from chalicelib.api import lists
from chalicelib.api.customers import CUSTOMER, CUSTOMERS
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.jobs import JOBS, JobStartedOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import portal_invitations
from chalicelib.operations.portal_invitations import Progress
from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.inputs.portal_invitations import BulkInviteInput, CustomTextInput
from chalicelib.rules.messages import MessageState
from chalicelib.rules.portal_invitations import AudienceCheck, CustomerSkipReason, PortalInvitationAccepted, SkippedCustomer
from chalicelib.rules.quotas import TooManyMails
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.web.audience import Staff


class DryRunCountsOut(Out):
    total: int
    """The number of customers in the audience."""
    recipients: int
    """The number who would get the e-mail."""
    skipped: int
    already_accepted: int
    unsubscribed: int
    suppressed: int
    no_address: int


class SkippedCustomerOut(Out):
    customer: str
    name: str
    email: str
    reason: CustomerSkipReason

    @classmethod
    def of(cls, skipped: SkippedCustomer) -> "SkippedCustomerOut":
        customer = skipped.customer
        return cls(customer=customer.id, name=customer.name, email=customer.email, reason=skipped.reason)


class WarningOut(Out):
    code: Literal["invited_today"]
    count: int
    """The number of recipients who already got one today."""


class DryRunOut(Out):
    counts: DryRunCountsOut
    skipped: list[SkippedCustomerOut]
    """The first 1,000 skipped customers, with the reasons."""
    warnings: list[WarningOut]

    @classmethod
    def of(cls, check: AudienceCheck) -> "DryRunOut":
        warnings = [WarningOut(code="invited_today", count=check.invited_today)] if check.invited_today else []
        return cls(counts=_counts(check), skipped=[SkippedCustomerOut.of(one) for one in check.skipped], warnings=warnings)


class ProgressOut(Out):
    customer: str
    name: str | None
    """None for a deleted customer."""
    email: str | None
    message: str | None
    """None if it is not queued, or not yet."""
    state: MessageState | Literal["waiting", "left_out"]
    reason: str | None
    """Why it was not sent or not queued."""

    @classmethod
    def of(cls, progress: Progress) -> "ProgressOut":
        customer, message = progress.customer, progress.message
        return cls(
            customer=progress.id,
            name=customer.name if customer else None,
            email=message.to if message else customer.email if customer else None,
            message=message.id if message else None,
            state=message.state if message else "left_out" if progress.left_out else "waiting",
            reason=(message.reason if message else progress.left_out) or None,
        )


class ProgressesOut(Out):
    items: list[ProgressOut]
    next: str | None


@endpoint(
    "POST",
    CUSTOMER + "/invite",
    id="portal_invitations.invite_customer",
    who=Staff("manage_customers"),
    takes=CustomTextInput,
    gives={202: JobStartedOut},
    refuses=(PortalInvitationAccepted, CustomerMerged, ValidationFailed),
)
def invite_customer(request: Request[CustomTextInput]) -> ApiResponse:
    """Invite a customer to the portal, for the first time or again; a new link invalidates older ones."""
    job = portal_invitations.invite_customer(
        request.org, request["customer"], request.body, by=request.by, key=request.key, now=request.call.now
    )
    return ApiResponse(202, JobStartedOut(job=job))


@endpoint(
    "POST",
    CUSTOMERS + "/invite",
    id="portal_invitations.invite_customers",
    who=Staff("manage_customers"),
    takes=BulkInviteInput,
    gives={200: DryRunOut, 202: JobStartedOut},
    refuses=(TooManyMails, ValidationFailed),
)
def invite_customers(request: Request[BulkInviteInput]) -> ApiResponse:
    """Invite everybody, a group or some statuses to the portal; a dry run lists who would get it and who is skipped."""
    org, draft, now = request.org, request.body, request.call.now
    if draft.dry_run:
        return ApiResponse(200, DryRunOut.of(portal_invitations.dry_run(org, draft.audience.audience, draft, now=now)))
    job = portal_invitations.invite_audience(org, draft.audience.audience, draft, by=request.by, key=request.key, now=now)
    return ApiResponse(202, JobStartedOut(job=job))


@endpoint(
    "GET",
    JOBS + "/{job}/customers",
    id="portal_invitations.list_progress",
    who=Staff("read"),
    gives={200: ProgressesOut},
    query=lists.QUERY,
)
def list_progress(request: Request[None]) -> ApiResponse:
    """List the customers that a job invites to the portal, with the state of each e-mail."""
    paging = lists.list_query(request.call)
    start = int(paging.start["after"]) if paging.start else 0
    page = portal_invitations.list_progress(request.org, request["job"], limit=paging.limit, start=start)
    next_start = {"after": str(page.next)} if page.next is not None else None
    body = ProgressesOut(items=[ProgressOut.of(one) for one in page.items], next=lists.cursor(request.call, next_start))
    return ApiResponse(200, body)


def _counts(check: AudienceCheck) -> DryRunCountsOut:
    reasons = check.reasons
    return DryRunCountsOut(
        total=check.total,
        recipients=len(check.recipients),
        skipped=sum(reasons.values()),
        already_accepted=reasons.get("already_accepted", 0),
        unsubscribed=reasons.get("unsubscribed", 0),
        suppressed=reasons.get("suppressed", 0),
        no_address=reasons.get("no_address", 0),
    )
