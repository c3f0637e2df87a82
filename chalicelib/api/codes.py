"""Invitation codes of a contract, and what anybody may ask about one."""

from typing import get_args

from chalicelib.api import downloads, lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Public, Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.participants import PARTICIPANT
from chalicelib.api.prices import PriceOut
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import codes
from chalicelib.operations.codes import BatchView, CodeView, LookedUp
from chalicelib.rules.accounts import TooManyAttempts
from chalicelib.rules.codes import (
    SAFE_WIDTH,
    Code,
    CodeSpent,
    CodeUsed,
    Funnel,
    NothingToReturn,
    State,
    TooManyForWidth,
    UnknownCode,
    grouped,
)
from chalicelib.rules.contracts import Contract
from chalicelib.rules.drafts.codes import BatchDraft, CodeChanges, LookupDraft, ParticipantCodeDraft
from chalicelib.rules.refusals import ChangedMeanwhile

CODES = CONTRACT + "/codes"
CODE = CODES + "/{code}"
BATCHES = CONTRACT + "/batches"
SHORT = f"Codes of fewer than {SAFE_WIDTH} characters are easier to guess. Use at least {SAFE_WIDTH}."


class CodeOut(Out):
    code: str
    """What is typed; case, spaces and hyphens do not matter."""
    readable: str
    """The same with hyphens, for reading it aloud."""
    contract: str
    price: PriceOut
    """As it was when the code was issued."""
    state: State
    note: str
    expires_at: Moment | None
    max_redemptions: int
    redeemed: int
    left: int
    handed_out: bool
    batch: str | None
    participant: str | None
    created_at: Moment

    @classmethod
    def of(cls, contract: Contract, code: Code, call_now: Moment) -> "CodeOut":
        return cls(
            code=code.code,
            readable=grouped(code.code, contract.prefix),
            contract=code.contract,
            price=PriceOut.of(code.price),
            state=code.state(call_now),
            note=code.note,
            expires_at=code.expires_at,
            max_redemptions=code.max_redemptions,
            redeemed=code.redeemed,
            left=code.left,
            handed_out=code.handed_out,
            batch=code.batch or None,
            participant=code.participant or None,
            created_at=code.created_at,
        )


class UsedByOut(Out):
    registration: str
    session: str
    name: str
    party_size: int
    created_at: Moment
    removed: bool


class CodeWithUsesOut(CodeOut):
    registrations: list[UsedByOut]


class CodesOut(Out):
    items: list[CodeOut]
    next: str | None


class MadeOut(Out):
    code: str
    readable: str


class GeneratedOut(Out):
    batch: str
    codes: list[MadeOut]
    warnings: list[str]


class BatchBegunOut(Out):
    batch: str
    job: str
    warnings: list[str]


class FunnelOut(Out):
    """`made` of the quantity; of those, how many were handed out (and used), redeemed at least once, or cancelled (deleted or archived)."""

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
    "GET",
    CODES,
    who=Staff("viewer"),
    gives={200: CodesOut},
    query={
        **lists.QUERY,
        "state": f"Only those in this state: {', '.join(get_args(State))}.",
        "batch": "Only those of this batch.",
        "participant": "Only those of this participant.",
    },
)
def list_codes(request: Request[None]) -> Answer:
    """List the codes of a contract, latest first; with a filter, a page may hold fewer than `limit`."""
    call, asked = request.call, lists.wanted(request.call)
    page = codes.list_codes(
        request.org,
        request["contract"],
        state=lists.choice(call, "state", get_args(State)) or None,  # type: ignore[arg-type]
        batch=call.query.get("batch", ""),
        participant=call.query.get("participant", ""),
        now=call.now,
        limit=asked.limit,
        start=asked.start,
    )
    items = [CodeOut.of(page.contract, code, call.now) for code in page.items]
    return Answer(200, CodesOut(items=items, next=lists.cursor(call, page.next)))


@endpoint("POST", CODES, who=Staff("manager"), takes=BatchDraft, gives={201: GeneratedOut, 202: BatchBegunOut}, refuses=(TooManyForWidth,))
def generate_codes(request: Request[BatchDraft]) -> Answer:
    """Make a batch of codes: up to 1,000 at once, more as a job."""
    contract, made = request["contract"], request.body
    generated = codes.generate_codes(request.org, contract, made, by=request.by, key=request.key, now=request.call.now)
    batch, warnings = generated.batch, [SHORT] if made.width < SAFE_WIDTH else []
    if batch.job:
        return Answer(202, BatchBegunOut(batch=batch.id, job=batch.job, warnings=warnings))
    shown = [MadeOut(code=code.code, readable=grouped(code.code, batch.prefix)) for code in generated.codes]
    return Answer(201, GeneratedOut(batch=batch.id, codes=shown, warnings=warnings))


@endpoint("POST", PARTICIPANT + "/code", who=Staff("manager"), takes=ParticipantCodeDraft, gives={201: CodeOut})
def issue_code(request: Request[ParticipantCodeDraft]) -> Answer:
    """Make one code for one participant."""
    now = request.call.now
    contract, code = codes.issue_code(request.org, request["contract"], request["participant"], request.body, key=request.key, now=now)
    return Answer(201, CodeOut.of(contract, code, now), etag(code.version))


@endpoint("GET", CONTRACT + "/codes.csv", who=Staff("viewer"), gives={200: None, 303: None}, kind="text/csv")
def export_codes(request: Request[None]) -> Answer:
    """Export all codes of a contract as CSV, latest first; a large table by a link (303)."""
    table = codes.export_codes(request.org, request["contract"], now=request.call.now)
    return downloads.table(request.org, table, "codes.csv")


@endpoint("GET", CODE, who=Staff("viewer"), gives={200: CodeWithUsesOut})
def read_code(request: Request[None]) -> Answer:
    """Read a code, and who has used it."""
    return _whole(codes.read_code(request.org, request["contract"], request["code"]), request)


@endpoint("PATCH", CODE, who=Staff("manager"), takes=CodeChanges, gives={200: CodeWithUsesOut}, refuses=(CodeUsed, ChangedMeanwhile))
def edit_code(request: Request[CodeChanges]) -> Answer:
    """Change note, expiry, whether it was handed out, and, while nobody has used it, its price."""
    call = request.call
    codes.edit_code(request.org, request["contract"], request["code"], request.body, expected=expected(call), now=call.now)
    return read_code(request)


@endpoint("DELETE", CODE, who=Staff("manager"), gives={204: None}, refuses=(ChangedMeanwhile,))
def delete_code(request: Request[None]) -> Answer:
    """Delete a code that nobody has used, for good; archive one that was used."""
    call = request.call
    codes.delete_code(request.org, request["contract"], request["code"], expected=expected(call), now=call.now)
    return Answer(204)


@endpoint("POST", CODE + "/return", who=Staff("manager"), gives={200: CodeWithUsesOut}, refuses=(NothingToReturn, ChangedMeanwhile))
def return_code(request: Request[None]) -> Answer:
    """Make the uses of cancelled bookings available again."""
    codes.return_code(request.org, request["contract"], request["code"], now=request.call.now)
    return read_code(request)


@endpoint("GET", BATCHES, who=Staff("viewer"), gives={200: BatchesOut}, query=lists.QUERY)
def list_batches(request: Request[None]) -> Answer:
    """List the batches of a contract, latest first, with what became of their codes."""
    asked = lists.wanted(request.call)
    page, following = lists.cut(codes.list_batches(request.org, request["contract"]), asked, lambda view: view.batch.id)
    return Answer(200, BatchesOut(items=[BatchOut.of(view) for view in page], next=lists.cursor(request.call, following)))


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


def _whole(view: CodeView, request: Request[None] | Request[CodeChanges]) -> Answer:
    shown = CodeOut.of(view.contract, view.code, request.call.now)
    used = [
        UsedByOut(
            registration=f"{entry.session}-{entry.id}",
            session=entry.session,
            name=entry.name,
            party_size=entry.party_size,
            created_at=entry.created_at,
            removed=entry.removed_at is not None,
        )
        for entry in view.registrations
    ]
    return Answer(200, CodeWithUsesOut(**shown.model_dump(), registrations=used), etag(view.code.version))
