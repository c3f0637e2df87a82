"""Discount codes, as staff keep them."""

from datetime import datetime

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import Moment
from chalicelib.operations import discounts
from chalicelib.rules.discounts import (
    Discount,
    DiscountElsewhere,
    DiscountEnded,
    DiscountExists,
    DiscountNotYet,
    DiscountOver,
    DiscountUsedUp,
    Kind,
    State,
    UnknownDiscount,
)
from chalicelib.rules.drafts.discounts import DiscountChanges, DiscountDraft
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit

DISCOUNTS = "/v1/orgs/{org}/discount-codes"
DISCOUNT = DISCOUNTS + "/{code}"
DISCOUNTED = (UnknownDiscount, DiscountNotYet, DiscountEnded, DiscountElsewhere, DiscountUsedUp)
"""Why a code that somebody gives may not lower a price."""


class DiscountOut(Out):
    code: str
    kind: Kind
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
    state: State
    used: int
    """By registrations, and by invitations that may still become some."""
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


@endpoint("GET", DISCOUNTS, who=Staff("viewer"), gives={200: DiscountsOut}, query=lists.QUERY)
def list_discounts(request: Request[None]) -> Answer:
    """List the discount codes, latest first."""
    found = discounts.list_discounts(request.org)
    page, following = lists.cut(found, lists.wanted(request.call), lambda discount: discount.code)
    items = [DiscountOut.at(discount, request.call.now) for discount in page]
    return Answer(200, DiscountsOut(items=items, next=lists.cursor(request.call, following)))


@endpoint("POST", DISCOUNTS, who=Staff("manager"), takes=DiscountDraft, gives={201: DiscountOut}, refuses=(DiscountExists, DoesNotFit))
def create_discount(request: Request[DiscountDraft]) -> Answer:
    """Make a discount code. It is read without case, and the only one of its name."""
    now = request.call.now
    return _answer(discounts.create_discount(request.org, request.body, key=request.key, now=now), now, 201)


@endpoint("GET", DISCOUNT, who=Staff("viewer"), gives={200: DiscountOut})
def read_discount(request: Request[None]) -> Answer:
    """Read a discount code, with how often it was used."""
    return _answer(discounts.read_discount(request.org, request["code"]), request.call.now)


@endpoint(
    "PATCH",
    DISCOUNT,
    who=Staff("manager"),
    takes=DiscountChanges,
    gives={200: DiscountOut},
    refuses=(ChangedMeanwhile, DiscountOver, DoesNotFit),
)
def edit_discount(request: Request[DiscountChanges]) -> Answer:
    """Change what is named, switch it off or on again; once it has ended it stays so. Invitations that were sent keep their terms."""
    now = request.call.now
    edited = discounts.edit_discount(request.org, request["code"], request.body, expected=expected(request.call), now=now)
    return _answer(edited, now)


def _answer(discount: Discount, now: datetime, status: int = 200) -> Answer:
    return Answer(status, DiscountOut.at(discount, now), etag(discount.version))
