"""Batches of invitation codes: generating them, and how many were handed out and redeemed."""

from chalicelib.api import lists
from chalicelib.api.codes import CODES
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.prices import PriceOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import codes
from chalicelib.operations.codes import BatchView
from chalicelib.rules.code_generation import TooManyForWidth
from chalicelib.rules.codes import SAFE_WIDTH, Funnel, grouped
from chalicelib.rules.inputs.codes import BatchInput
from chalicelib.web.audience import Staff

BATCHES = CONTRACT + "/batches"
SHORT = f"Codes of fewer than {SAFE_WIDTH} characters are easier to guess. Use at least {SAFE_WIDTH}."


class GeneratedCodeOut(Out):
    code: str
    readable: str


class GeneratedCodesOut(Out):
    batch: str
    codes: list[GeneratedCodeOut]
    warnings: list[str]


class BatchStartedOut(Out):
    batch: str
    job: str
    warnings: list[str]


class FunnelOut(Out):
    """`made` of the quantity; of those, how many were handed out (or used), redeemed at least once, or cancelled (deleted or archived)."""

    made: int
    handed_out: int
    redeemed: int
    cancelled: int

    @classmethod
    def of(cls, funnel: Funnel) -> "FunnelOut":
        return cls(**funnel._asdict())


class BatchOut(Out):
    id: str
    quantity: int
    width: int
    price: PriceOut
    max_redemptions: int
    note: str
    expires_at: Moment | None
    created_at: Moment
    by: str
    job: str | None
    funnel: FunnelOut

    @classmethod
    def of(cls, view: BatchView) -> "BatchOut":
        batch = view.batch
        return cls(
            id=batch.id,
            quantity=batch.quantity,
            width=batch.width,
            price=PriceOut.of(batch.price),
            max_redemptions=batch.max_redemptions,
            note=batch.note,
            expires_at=batch.expires_at,
            created_at=batch.created_at,
            by=batch.by,
            job=batch.job or None,
            funnel=FunnelOut.of(view.funnel),
        )


class BatchesOut(Out):
    items: list[BatchOut]
    next: str | None


@endpoint(
    "POST",
    CODES,
    id="batches.generate_codes",
    who=Staff("manage_codes"),
    takes=BatchInput,
    gives={201: GeneratedCodesOut, 202: BatchStartedOut},
    refuses=(TooManyForWidth,),
)
def generate_codes(request: Request[BatchInput]) -> ApiResponse:
    """Generate a batch of codes: up to 1,000 at once, more as a job."""
    contract, made = request["contract"], request.body
    generated = codes.generate_codes(request.org, contract, made, by=request.by, key=request.key, now=request.call.now)
    batch, warnings = generated.batch, [SHORT] if made.width < SAFE_WIDTH else []
    if batch.job:
        return ApiResponse(202, BatchStartedOut(batch=batch.id, job=batch.job, warnings=warnings))
    shown = [GeneratedCodeOut(code=code.code, readable=grouped(code.code, batch.prefix)) for code in generated.codes]
    return ApiResponse(201, GeneratedCodesOut(batch=batch.id, codes=shown, warnings=warnings))


@endpoint("GET", BATCHES, id="batches.list_batches", who=Staff("read"), gives={200: BatchesOut}, query=lists.QUERY)
def list_batches(request: Request[None]) -> ApiResponse:
    """List the batches of a contract, latest first, with their numbers of codes made, handed out, redeemed and cancelled."""
    paging = lists.list_query(request.call)
    page, next_start = lists.page_of(codes.list_batches(request.org, request["contract"]), paging, lambda view: view.batch.id)
    return ApiResponse(200, BatchesOut(items=[BatchOut.of(view) for view in page], next=lists.cursor(request.call, next_start)))
