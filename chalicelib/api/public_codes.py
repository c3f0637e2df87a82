"""Public look-up of an invitation code."""

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import codes
from chalicelib.operations.codes import CodeLookup
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.codes import CodeSpent, UnknownCode
from chalicelib.rules.inputs.codes import LookupInput
from chalicelib.web.audience import Public


class ProductOut(Out):
    """The product of a code: one session, or any session with a tag."""

    session: str | None
    tag: str | None
    title: str | None


class CodeLookupOut(Out):
    code: str
    product: ProductOut
    label: str
    price: MoneyOut
    """Per spot."""
    left: int
    """The number of spots that it can book."""
    expires_at: Moment | None
    prefill: dict[str, str]
    """Prefilled booking data: the participant's name, address and shareable details."""

    @classmethod
    def of(cls, found: CodeLookup) -> "CodeLookupOut":
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
    id="code_lookup.look_up",
    who=Public(),
    takes=LookupInput,
    gives={200: CodeLookupOut},
    refuses=(UnknownCode, CodeSpent, TooManyAttempts),
    replayable=False,
)
def look_up(request: Request[LookupInput]) -> ApiResponse:
    """Look up a code: its product, price and prefilled booking data. Repeated failures are throttled."""
    call = request.call
    return ApiResponse(200, CodeLookupOut.of(codes.look_up(request.org, request.body.code, source=call.source, now=call.now)))
