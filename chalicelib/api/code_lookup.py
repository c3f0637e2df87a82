"""What anybody may ask about an invitation code."""

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, endpoint
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import codes
from chalicelib.operations.codes import LookedUp
from chalicelib.rules.accounts import TooManyAttempts
from chalicelib.rules.codes import CodeSpent, UnknownCode
from chalicelib.rules.drafts.codes import LookupDraft


class ProductOut(Out):
    """What a code books: one session, or any session with a tag."""

    session: str | None
    tag: str | None
    title: str | None


class LookedUpOut(Out):
    code: str
    product: ProductOut
    label: str
    price: MoneyOut
    """Of one spot."""
    left: int
    """How many spots can be booked with it."""
    expires_at: Moment | None
    prefill: dict[str, str]
    """What fills in the booking: the participant's name and address, and the details that may be shared."""

    @classmethod
    def of(cls, found: LookedUp) -> "LookedUpOut":
        code = found.code
        title = found.session.title if found.session else None
        return cls(
            code=code.code,
            product=ProductOut(session=code.price.session or None, tag=code.price.tag or None, title=title),
            label=code.price.label,
            price=MoneyOut.of(code.price.money),
            left=code.left,
            expires_at=code.expires_at,
            prefill=dict(found.prefill),
        )


@endpoint(
    "POST",
    "/v1/portal/{org}/codes/lookup",
    who=Public(),
    takes=LookupDraft,
    gives={200: LookedUpOut},
    refuses=(UnknownCode, CodeSpent, TooManyAttempts),
    kept=False,
)
def look_up(request: Request[LookupDraft]) -> Answer:
    """Say what a code books, at what price, and what fills in the booking. Who is wrong too often has to wait."""
    call = request.call
    return Answer(200, LookedUpOut.of(codes.look_up(request.org, request.body.code, source=call.source, now=call.now)))
