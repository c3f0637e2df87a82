"""Contracts with client organisations."""

from datetime import date

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.responses import ApiResponse, Out
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
from chalicelib.rules.inputs.contracts import ContractChanges, ContractInput
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.web.audience import Staff

CONTRACTS = "/v1/orgs/{org}/contracts"
CONTRACT = CONTRACTS + "/{contract}"


class ContractOut(Out):
    id: str
    name: str
    client: str
    prefix: str
    starts_on: date | None
    ends_on: date | None
    """The last day of use, to its end in the organisation's time zone."""
    active: bool
    identifier: Identifier
    issued: bool
    """Whether codes were ever issued under it; it can then only be deactivated, not deleted."""
    created_at: Moment

    @classmethod
    def of(cls, contract: Contract) -> "ContractOut":
        return cls(**{name: getattr(contract, name) for name in cls.model_fields})


class ContractsOut(Out):
    items: list[ContractOut]
    next: str | None


@endpoint("GET", CONTRACTS, id="contracts.list_contracts", who=Staff("read"), gives={200: ContractsOut}, query=lists.QUERY)
def list_contracts(request: Request[None]) -> ApiResponse:
    """List contracts by name."""
    paging = lists.list_query(request.call)
    page, next_start = lists.page_of(contracts.list_contracts(request.org), paging, lambda contract: contract.id)
    body = ContractsOut(items=[ContractOut.of(contract) for contract in page], next=lists.cursor(request.call, next_start))
    return ApiResponse(200, body)


@endpoint(
    "POST",
    CONTRACTS,
    id="contracts.create_contract",
    who=Staff("manage_contracts"),
    takes=ContractInput,
    gives={201: ContractOut},
    refuses=(PrefixTaken, TooManyContracts, EndsBeforeItStarts),
)
def create_contract(request: Request[ContractInput]) -> ApiResponse:
    """Create a contract; its prefix is in capitals and unique."""
    return _response(contracts.create_contract(request.org, request.body, key=request.key, now=request.call.now), 201)


@endpoint("GET", CONTRACT, id="contracts.read_contract", who=Staff("read"), gives={200: ContractOut})
def read_contract(request: Request[None]) -> ApiResponse:
    """Read a contract."""
    return _response(contracts.read_contract(request.org, request["contract"]))


@endpoint(
    "PATCH",
    CONTRACT,
    id="contracts.edit_contract",
    who=Staff("manage_contracts"),
    takes=ContractChanges,
    gives={200: ContractOut},
    refuses=(ChangedMeanwhile, PrefixTaken, EndsBeforeItStarts, ContractHasParticipants),
)
def edit_contract(request: Request[ContractChanges]) -> ApiResponse:
    """Change the fields that are sent; issued codes keep their prefix."""
    return _response(contracts.edit_contract(request.org, request["contract"], request.body, expected=expected(request.call)))


@endpoint(
    "DELETE",
    CONTRACT,
    id="contracts.delete_contract",
    who=Staff("manage_contracts"),
    gives={204: None},
    refuses=(ContractInUse, ChangedMeanwhile),
)
def delete_contract(request: Request[None]) -> ApiResponse:
    """Delete a contract, its prices and participants, if no code was ever issued under it."""
    contracts.delete_contract(request.org, request["contract"], expected=expected(request.call))
    return ApiResponse(204)


def _response(contract: Contract, status: int = 200) -> ApiResponse:
    return ApiResponse(status, ContractOut.of(contract), etag(contract.version))
