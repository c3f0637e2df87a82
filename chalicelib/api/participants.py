"""Participants of a contract."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.operations import contracts
from chalicelib.rules.contracts import ContractParticipant, ParticipantExists, ParticipantHasCodes
from chalicelib.rules.drafts.contracts import ContractParticipantChanges, ContractParticipantDraft
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit

PARTICIPANTS = CONTRACT + "/participants"
PARTICIPANT = PARTICIPANTS + "/{participant}"


class ContractParticipantOut(Out):
    """Whoever has one of the codes sees the name, the address and, of the details, those that are shareable."""

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
    who=Staff("viewer"),
    gives={200: ContractParticipantsOut},
    query={**lists.QUERY, "q": "Only those whose client id, address, or a word of whose name begins with each word of this."},
)
def list_participants(request: Request[None]) -> Answer:
    """List the participants of a contract by name."""
    asked = lists.wanted(request.call)
    q = request.call.query.get("q", "")
    page = contracts.list_participants(request.org, request["contract"], q=q, limit=asked.limit, start=asked.start)
    items = [ContractParticipantOut.of(participant) for participant in page.items]
    return Answer(200, ContractParticipantsOut(items=items, next=lists.cursor(request.call, page.next)))


@endpoint(
    "POST",
    PARTICIPANTS,
    who=Staff("manager"),
    takes=ContractParticipantDraft,
    gives={201: ContractParticipantOut},
    refuses=(ParticipantExists, DoesNotFit, ChangedMeanwhile),
)
def add_participant(request: Request[ContractParticipantDraft]) -> Answer:
    """Add a participant; one for each identifier of the contract, read without case."""
    return _answer(contracts.add_participant(request.org, request["contract"], request.body, key=request.key), 201)


@endpoint("GET", PARTICIPANT, who=Staff("viewer"), gives={200: ContractParticipantOut})
def read_participant(request: Request[None]) -> Answer:
    """Read a participant."""
    return _answer(contracts.read_participant(request.org, request["contract"], request["participant"]))


@endpoint(
    "PATCH",
    PARTICIPANT,
    who=Staff("manager"),
    takes=ContractParticipantChanges,
    gives={200: ContractParticipantOut},
    refuses=(ChangedMeanwhile, ParticipantExists, DoesNotFit),
)
def edit_participant(request: Request[ContractParticipantChanges]) -> Answer:
    """Change what is named of a participant; details replace all that there were."""
    wanted = expected(request.call)
    return _answer(contracts.edit_participant(request.org, request["contract"], request["participant"], request.body, expected=wanted))


@endpoint("DELETE", PARTICIPANT, who=Staff("manager"), gives={204: None}, refuses=(ParticipantHasCodes, ChangedMeanwhile))
def delete_participant(request: Request[None]) -> Answer:
    """Delete a participant who has no codes."""
    contracts.delete_participant(request.org, request["contract"], request["participant"], expected=expected(request.call))
    return Answer(204)


def _answer(participant: ContractParticipant, status: int = 200) -> Answer:
    return Answer(status, ContractParticipantOut.of(participant), etag(participant.version))
