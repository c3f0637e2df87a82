"""Discount codes, for staff."""

from datetime import datetime

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import discounts
from chalicelib.rules.discounts import (
    Discount,
    DiscountEndIsFinal,
    DiscountExists,
    DiscountForOtherSession,
    DiscountInactive,
    DiscountKind,
    DiscountNotStarted,
    DiscountState,
    DiscountUsedUp,
    UnknownDiscount,
)
from chalicelib.rules.inputs.discounts import DiscountChanges, DiscountInput
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.web.audience import Staff

DISCOUNTS = "/v1/orgs/{org}/discount-codes"
DISCOUNT = DISCOUNTS + "/{code}"
DISCOUNTED = (UnknownDiscount, DiscountNotStarted, DiscountInactive, DiscountForOtherSession, DiscountUsedUp)
"""The refusals of a discount code that a customer enters."""


class DiscountOut(Out):
    code: str
    kind: DiscountKind
    value: int
    """Per cent, or minor units off the whole registration."""
    currency: str
    starts_at: Moment | None
    ends_at: Moment | None
    max_uses: int | None
    max_uses_per_customer: int | None
    sessions: list[str]
    tags: list[str]
    active: bool
    state: DiscountState
    used: int
    """Uses by registrations, and by live invitations that may become registrations."""
    created_at: Moment

    @classmethod
    def at(cls, discount: Discount, now: datetime) -> "DiscountOut":
        return cls(
            code=discount.code,
            kind=discount.kind,
            value=discount.value,
            currency=discount.currency,
            starts_at=discount.starts_at,
            ends_at=discount.ends_at,
            max_uses=discount.max_uses,
            max_uses_per_customer=discount.max_uses_per_customer,
            sessions=list(discount.sessions),
            tags=list(discount.tags),
            active=discount.active,
            state=discount.state(now),
            used=discount.used,
            created_at=discount.created_at,
        )


class DiscountsOut(Out):
    items: list[DiscountOut]
    next: str | None


@endpoint("GET", DISCOUNTS, id="discounts.list_discounts", who=Staff("read"), gives={200: DiscountsOut}, query=lists.QUERY)
def list_discounts(request: Request[None]) -> ApiResponse:
    """List the discount codes, latest first."""
    found = discounts.list_discounts(request.org)
    page, next_start = lists.page_of(found, lists.list_query(request.call), lambda discount: discount.code)
    items = [DiscountOut.at(discount, request.call.now) for discount in page]
    return ApiResponse(200, DiscountsOut(items=items, next=lists.cursor(request.call, next_start)))


@endpoint(
    "POST",
    DISCOUNTS,
    id="discounts.create_discount",
    who=Staff("manage_discounts"),
    takes=DiscountInput,
    gives={201: DiscountOut},
    refuses=(DiscountExists, ValidationFailed),
)
def create_discount(request: Request[DiscountInput]) -> ApiResponse:
    """Create a discount code; its name is unique, ignoring case."""
    now = request.call.now
    return _response(discounts.create_discount(request.org, request.body, key=request.key, now=now), now, 201)


@endpoint("GET", DISCOUNT, id="discounts.read_discount", who=Staff("read"), gives={200: DiscountOut})
def read_discount(request: Request[None]) -> ApiResponse:
    """Read a discount code and its number of uses."""
    return _response(discounts.read_discount(request.org, request["code"]), request.call.now)


@endpoint(
    "PATCH",
    DISCOUNT,
    id="discounts.edit_discount",
    who=Staff("manage_discounts"),
    takes=DiscountChanges,
    gives={200: DiscountOut},
    refuses=(ChangedMeanwhile, DiscountEndIsFinal, ValidationFailed),
)
def edit_discount(request: Request[DiscountChanges]) -> ApiResponse:
    """Change the fields that are sent, or switch the code off or on; an ended code stays ended. Sent invitations keep their terms."""
    now = request.call.now
    edited = discounts.edit_discount(request.org, request["code"], request.body, expected=expected(request.call), now=now)
    return _response(edited, now)


def _response(discount: Discount, now: datetime, status: int = 200) -> ApiResponse:
    return ApiResponse(status, DiscountOut.at(discount, now), etag(discount.version))
