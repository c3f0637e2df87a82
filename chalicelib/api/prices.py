"""Prices of a contract."""

from chalicelib.api import lists
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import MoneyOut
from chalicelib.operations import contracts
from chalicelib.rules.codes import CodePrice
from chalicelib.rules.contracts import ContractPrice, PriceCodeTaken
from chalicelib.rules.inputs.contracts import PriceChanges, PriceInput
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.web.audience import Staff

PRICES = CONTRACT + "/prices"
PRICE = PRICES + "/{price}"


class PriceOut(Out):
    """The product: one session, or every session with the tag."""

    id: str
    code: str
    label: str
    price: MoneyOut
    session: str | None
    tag: str | None

    @classmethod
    def of(cls, price: CodePrice) -> "PriceOut":
        return cls(
            id=price.id,
            code=price.code,
            label=price.label,
            price=MoneyOut.of(price.money),
            session=price.session or None,
            tag=price.tag or None,
        )


class PricesOut(Out):
    items: list[PriceOut]
    next: str | None


@endpoint("GET", PRICES, id="prices.list_prices", who=Staff("read"), gives={200: PricesOut}, query=lists.QUERY)
def list_prices(request: Request[None]) -> ApiResponse:
    """List the prices of a contract by price code."""
    paging = lists.list_query(request.call)
    page, next_start = lists.page_of(contracts.list_prices(request.org, request["contract"]), paging, lambda price: price.id)
    return ApiResponse(
        200, PricesOut(items=[PriceOut.of(CodePrice.of(price)) for price in page], next=lists.cursor(request.call, next_start))
    )


@endpoint(
    "POST",
    PRICES,
    id="prices.create_price",
    who=Staff("manage_contracts"),
    takes=PriceInput,
    gives={201: PriceOut},
    refuses=(PriceCodeTaken, ValidationFailed),
)
def create_price(request: Request[PriceInput]) -> ApiResponse:
    """Add a price for one session or for a tag; its price code is unique in the contract, ignoring case."""
    return _response(contracts.create_price(request.org, request["contract"], request.body, key=request.key), 201)


@endpoint("GET", PRICE, id="prices.read_price", who=Staff("read"), gives={200: PriceOut})
def read_price(request: Request[None]) -> ApiResponse:
    """Read a price."""
    return _response(contracts.read_price(request.org, request["contract"], request["price"]))


@endpoint(
    "PATCH",
    PRICE,
    id="prices.edit_price",
    who=Staff("manage_contracts"),
    takes=PriceChanges,
    gives={200: PriceOut},
    refuses=(ChangedMeanwhile, PriceCodeTaken, ValidationFailed),
)
def edit_price(request: Request[PriceChanges]) -> ApiResponse:
    """Change the fields that are sent; issued codes keep the price at which they were issued."""
    edited = contracts.edit_price(request.org, request["contract"], request["price"], request.body, expected=expected(request.call))
    return _response(edited)


@endpoint("DELETE", PRICE, id="prices.delete_price", who=Staff("manage_contracts"), gives={204: None}, refuses=(ChangedMeanwhile,))
def delete_price(request: Request[None]) -> ApiResponse:
    """Delete a price; issued codes keep it."""
    contracts.delete_price(request.org, request["contract"], request["price"], expected=expected(request.call))
    return ApiResponse(204)


def _response(price: ContractPrice, status: int = 200) -> ApiResponse:
    return ApiResponse(status, PriceOut.of(CodePrice.of(price)), etag(price.version))
