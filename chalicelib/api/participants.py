"""Participants of a contract."""

from chalicelib.api import lists
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.query import QueryParameter
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import contracts
from chalicelib.rules.contracts import ContractParticipant, ParticipantExists, ParticipantHasCodes
from chalicelib.rules.inputs.contracts import ContractParticipantChanges, ContractParticipantInput
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.web.audience import Staff

PARTICIPANTS = CONTRACT + "/participants"
PARTICIPANT = PARTICIPANTS + "/{participant}"


class ContractParticipantOut(Out):
    """A participant. Anyone with one of the codes sees the name, the address and the shareable details."""

    id: str
    client_id: str
    name: str
    email: str | None
    details: dict[str, str]
    shareable: list[str]
    codes: list[str]

    @classmethod
    def of(cls, participant: ContractParticipant) -> "ContractParticipantOut":
        return cls(
            id=participant.id,
            client_id=participant.client_id,
            name=participant.name,
            email=participant.email or None,
            details=dict(participant.details),
            shareable=list(participant.shareable),
            codes=list(participant.codes),
        )


class ContractParticipantsOut(Out):
    items: list[ContractParticipantOut]
    next: str | None


@endpoint(
    "GET",
    PARTICIPANTS,
    id="participants.list_participants",
    who=Staff("read"),
    gives={200: ContractParticipantsOut},
    query={
        **lists.QUERY,
        "q": QueryParameter("Only participants whose client id, address, or a word of whose name begins with each word of this."),
    },
)
def list_participants(request: Request[None]) -> ApiResponse:
    """List the participants of a contract by name."""
    paging = lists.list_query(request.call)
    q = request.call.query.get("q", "")
    page = contracts.list_participants(request.org, request["contract"], q=q, limit=paging.limit, start=paging.start)
    items = [ContractParticipantOut.of(participant) for participant in page.items]
    return ApiResponse(200, ContractParticipantsOut(items=items, next=lists.cursor(request.call, page.next)))


@endpoint(
    "POST",
    PARTICIPANTS,
    id="participants.add_participant",
    who=Staff("manage_contracts"),
    takes=ContractParticipantInput,
    gives={201: ContractParticipantOut},
    refuses=(ParticipantExists, ValidationFailed, ChangedMeanwhile),
)
def add_participant(request: Request[ContractParticipantInput]) -> ApiResponse:
    """Add a participant; the contract's identifier is unique among them, ignoring case."""
    return _response(contracts.add_participant(request.org, request["contract"], request.body, key=request.key), 201)


@endpoint("GET", PARTICIPANT, id="participants.read_participant", who=Staff("read"), gives={200: ContractParticipantOut})
def read_participant(request: Request[None]) -> ApiResponse:
    """Read a participant."""
    return _response(contracts.read_participant(request.org, request["contract"], request["participant"]))


@endpoint(
    "PATCH",
    PARTICIPANT,
    id="participants.edit_participant",
    who=Staff("manage_contracts"),
    takes=ContractParticipantChanges,
    gives={200: ContractParticipantOut},
    refuses=(ChangedMeanwhile, ParticipantExists, ValidationFailed),
)
def edit_participant(request: Request[ContractParticipantChanges]) -> ApiResponse:
    """Change the fields that are sent; `details` replaces all details."""
    wanted = expected(request.call)
    return _response(contracts.edit_participant(request.org, request["contract"], request["participant"], request.body, expected=wanted))


@endpoint(
    "DELETE",
    PARTICIPANT,
    id="participants.delete_participant",
    who=Staff("manage_contracts"),
    gives={204: None},
    refuses=(ParticipantHasCodes, ChangedMeanwhile),
)
def delete_participant(request: Request[None]) -> ApiResponse:
    """Delete a participant without codes."""
    contracts.delete_participant(request.org, request["contract"], request["participant"], expected=expected(request.call))
    return ApiResponse(204)


def _response(participant: ContractParticipant, status: int = 200) -> ApiResponse:
    return ApiResponse(status, ContractParticipantOut.of(participant), etag(participant.version))
