"""Invitation codes of a contract."""

from typing import get_args

from chalicelib.api import downloads, lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.jobs import BegunOut
from chalicelib.api.participants import PARTICIPANT
from chalicelib.api.prices import PriceOut
from chalicelib.api.shapes import Moment
from chalicelib.operations import codes
from chalicelib.operations.codes import CodeView
from chalicelib.rules.codes import Code, CodeUsed, NothingToReturn, State, grouped
from chalicelib.rules.contracts import Contract
from chalicelib.rules.drafts.codes import CodeChanges, ParticipantCodeDraft
from chalicelib.rules.refusals import ChangedMeanwhile

CODES = CONTRACT + "/codes"
CODE = CODES + "/{code}"


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


@endpoint("POST", PARTICIPANT + "/code", who=Staff("manager"), takes=ParticipantCodeDraft, gives={201: CodeOut})
def issue_code(request: Request[ParticipantCodeDraft]) -> Answer:
    """Make one code for one participant."""
    now = request.call.now
    contract, code = codes.issue_code(request.org, request["contract"], request["participant"], request.body, key=request.key, now=now)
    return Answer(201, CodeOut.of(contract, code, now), etag(code.version))


@endpoint("GET", CONTRACT + "/codes.csv", who=Staff("viewer"), gives={200: None, 202: BegunOut, 303: None}, kind="text/csv")
def export_codes(request: Request[None]) -> Answer:
    """Export all codes of a contract as CSV, latest first: a large table by a link (303), a very large one once a job has made it (202)."""
    table = codes.export_codes(request.org, request["contract"], by=request.by, now=request.call.now)
    if table.job:
        return Answer(202, BegunOut(job=table.job))
    return downloads.at(table.link) if table.link else downloads.table(request.org, table.text, "codes.csv")


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
