"""Contracts with client organisations."""

from datetime import date

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import Moment
from chalicelib.operations import contracts
from chalicelib.rules.contracts import (
    Contract,
    ContractHasParticipants,
    ContractInUse,
    EndsBeforeItStarts,
    Identifier,
    PrefixTaken,
    TooManyContracts,
)
from chalicelib.rules.drafts.contracts import ContractChanges, ContractDraft
from chalicelib.rules.refusals import ChangedMeanwhile

CONTRACTS = "/v1/orgs/{org}/contracts"
CONTRACT = CONTRACTS + "/{contract}"


class ContractOut(Out):
    id: str
    name: str
    client: str
    prefix: str
    starts_on: date | None
    ends_on: date | None
    """The last day on which codes can be used, to its end in the organisation's time zone."""
    active: bool
    identifier: Identifier
    issued: bool
    """Whether codes were ever issued under it; it can then be deactivated, and no longer deleted."""
    created_at: Moment

    @classmethod
    def of(cls, contract: Contract) -> "ContractOut":
        return cls(**{name: getattr(contract, name) for name in cls.model_fields})


class ContractsOut(Out):
    items: list[ContractOut]
    next: str | None


@endpoint("GET", CONTRACTS, who=Staff("viewer"), gives={200: ContractsOut}, query=lists.QUERY)
def list_contracts(request: Request[None]) -> Answer:
    """List contracts by name."""
    asked = lists.wanted(request.call)
    page, following = lists.cut(contracts.list_contracts(request.org), asked, lambda contract: contract.id)
    body = ContractsOut(items=[ContractOut.of(contract) for contract in page], next=lists.cursor(request.call, following))
    return Answer(200, body)


@endpoint(
    "POST",
    CONTRACTS,
    who=Staff("manager"),
    takes=ContractDraft,
    gives={201: ContractOut},
    refuses=(PrefixTaken, TooManyContracts, EndsBeforeItStarts),
)
def create_contract(request: Request[ContractDraft]) -> Answer:
    """Make a contract; its prefix is in capitals and no other contract's."""
    return _answer(contracts.create_contract(request.org, request.body, key=request.key, now=request.call.now), 201)


@endpoint("GET", CONTRACT, who=Staff("viewer"), gives={200: ContractOut})
def read_contract(request: Request[None]) -> Answer:
    """Read a contract."""
    return _answer(contracts.read_contract(request.org, request["contract"]))


@endpoint(
    "PATCH",
    CONTRACT,
    who=Staff("manager"),
    takes=ContractChanges,
    gives={200: ContractOut},
    refuses=(ChangedMeanwhile, PrefixTaken, EndsBeforeItStarts, ContractHasParticipants),
)
def edit_contract(request: Request[ContractChanges]) -> Answer:
    """Change what is named of a contract; codes that were issued keep their prefix."""
    return _answer(contracts.edit_contract(request.org, request["contract"], request.body, expected=expected(request.call)))


@endpoint("DELETE", CONTRACT, who=Staff("manager"), gives={204: None}, refuses=(ContractInUse, ChangedMeanwhile))
def delete_contract(request: Request[None]) -> Answer:
    """Delete a contract under which no code was ever issued, with its prices and participants."""
    contracts.delete_contract(request.org, request["contract"], expected=expected(request.call))
    return Answer(204)


def _answer(contract: Contract, status: int = 200) -> Answer:
    return Answer(status, ContractOut.of(contract), etag(contract.version))
