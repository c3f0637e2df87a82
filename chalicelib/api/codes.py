"""Invitation codes of a contract."""

from typing import get_args

from chalicelib.api import downloads, lists
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.participants import PARTICIPANT
from chalicelib.api.prices import PriceOut
from chalicelib.api.query import QueryParameter, one_of
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import codes
from chalicelib.operations.codes import CodeView
from chalicelib.rules.codes import Code, CodeState, CodeUsed, NothingToReturn, grouped
from chalicelib.rules.contracts import Contract
from chalicelib.rules.inputs.codes import CodeChanges, ParticipantCodeInput
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.web.audience import Staff

CODES = CONTRACT + "/codes"
CODE = CODES + "/{code}"


class CodeOut(Out):
    code: str
    """The code to type; case, spaces and hyphens do not matter."""
    readable: str
    """The code with hyphens, for reading it aloud."""
    contract: str
    price: PriceOut
    """The price at which the code was issued."""
    state: CodeState
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


@endpoint(
    "GET",
    CODES,
    id="codes.list_codes",
    who=Staff("read"),
    gives={200: CodesOut},
    query={
        **lists.QUERY,
        "state": one_of("Only codes in this state.", get_args(CodeState)),
        "batch": QueryParameter("Only codes of this batch."),
        "participant": QueryParameter("Only codes of this participant."),
    },
)
def list_codes(request: Request[None]) -> ApiResponse:
    """List the codes of a contract, latest first; a filtered page may hold fewer than `limit`."""
    call, paging = request.call, lists.list_query(request.call)
    page = codes.list_codes(
        request.org,
        request["contract"],
        state=lists.choice(call, "state", get_args(CodeState)) or None,  # type: ignore[arg-type]
        batch=call.query.get("batch", ""),
        participant=call.query.get("participant", ""),
        now=call.now,
        limit=paging.limit,
        start=paging.start,
    )
    items = [CodeOut.of(page.contract, code, call.now) for code in page.items]
    return ApiResponse(200, CodesOut(items=items, next=lists.cursor(call, page.next)))


@endpoint("POST", PARTICIPANT + "/code", id="codes.issue_code", who=Staff("manage_codes"), takes=ParticipantCodeInput, gives={201: CodeOut})
def issue_code(request: Request[ParticipantCodeInput]) -> ApiResponse:
    """Issue one code to one participant."""
    now = request.call.now
    contract, code = codes.issue_code(request.org, request["contract"], request["participant"], request.body, key=request.key, now=now)
    return ApiResponse(201, CodeOut.of(contract, code, now), etag(code.version))


@endpoint(
    "GET",
    CONTRACT + "/codes.csv",
    id="codes.export_codes",
    who=Staff("read"),
    gives=downloads.LONG_CSV,
    kind="text/csv",
)
def export_codes(request: Request[None]) -> ApiResponse:
    """Export all codes of a contract as CSV, latest first: a large file by a link (303), a very large one as a job (202)."""
    table = codes.export_codes(request.org, request["contract"], by=request.by, now=request.call.now)
    return downloads.exported(request.org, table, "codes.csv")


@endpoint("GET", CODE, id="codes.read_code", who=Staff("read"), gives={200: CodeWithUsesOut})
def read_code(request: Request[None]) -> ApiResponse:
    """Read a code and its uses."""
    return _whole(codes.read_code(request.org, request["contract"], request["code"]), request)


@endpoint(
    "PATCH",
    CODE,
    id="codes.edit_code",
    who=Staff("manage_codes"),
    takes=CodeChanges,
    gives={200: CodeWithUsesOut},
    refuses=(CodeUsed, ChangedMeanwhile),
)
def edit_code(request: Request[CodeChanges]) -> ApiResponse:
    """Change a code's note, expiry, whether it was handed out and, while it is unused, its price."""
    call = request.call
    codes.edit_code(request.org, request["contract"], request["code"], request.body, expected=expected(call), now=call.now)
    return read_code(request)


@endpoint("DELETE", CODE, id="codes.delete_code", who=Staff("manage_codes"), gives={204: None}, refuses=(ChangedMeanwhile,))
def delete_code(request: Request[None]) -> ApiResponse:
    """Delete an unused code for good, or archive a used one."""
    call = request.call
    codes.delete_code(request.org, request["contract"], request["code"], expected=expected(call), now=call.now)
    return ApiResponse(204)


@endpoint(
    "POST",
    CODE + "/return",
    id="codes.return_code",
    who=Staff("manage_codes"),
    gives={200: CodeWithUsesOut},
    refuses=(NothingToReturn, ChangedMeanwhile),
)
def return_code(request: Request[None]) -> ApiResponse:
    """Return the uses of cancelled bookings to the code."""
    codes.return_code(request.org, request["contract"], request["code"], now=request.call.now)
    return read_code(request)


def _whole(view: CodeView, request: Request[None] | Request[CodeChanges]) -> ApiResponse:
    shown = CodeOut.of(view.contract, view.code, request.call.now)
    used = [
        UsedByOut(
            registration=registration.public_id,
            session=registration.session,
            name=registration.name,
            party_size=registration.party_size,
            created_at=registration.created_at,
            removed=registration.removed_at is not None,
        )
        for registration in view.registrations
    ]
    return ApiResponse(200, CodeWithUsesOut(**shown.model_dump(), registrations=used), etag(view.code.version))
