"""Prices of a contract."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.contracts import CONTRACT
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import MoneyOut
from chalicelib.operations import contracts
from chalicelib.rules.codes import CodePrice
from chalicelib.rules.contracts import Price, PriceCodeTaken
from chalicelib.rules.drafts.contracts import PriceChanges, PriceDraft
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit

PRICES = CONTRACT + "/prices"
PRICE = PRICES + "/{price}"


class PriceOut(Out):
    """For one session, or for every session that carries the tag."""

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


@endpoint("GET", PRICES, who=Staff("viewer"), gives={200: PricesOut}, query=lists.QUERY)
def list_prices(request: Request[None]) -> Answer:
    """List the prices of a contract by price code."""
    asked = lists.wanted(request.call)
    page, following = lists.cut(contracts.list_prices(request.org, request["contract"]), asked, lambda price: price.id)
    return Answer(200, PricesOut(items=[PriceOut.of(CodePrice.of(price)) for price in page], next=lists.cursor(request.call, following)))


@endpoint("POST", PRICES, who=Staff("manager"), takes=PriceDraft, gives={201: PriceOut}, refuses=(PriceCodeTaken, DoesNotFit))
def create_price(request: Request[PriceDraft]) -> Answer:
    """Add a price for one session or for a tag; its price code is unique in the contract, read without case."""
    return _answer(contracts.create_price(request.org, request["contract"], request.body, key=request.key), 201)


@endpoint("GET", PRICE, who=Staff("viewer"), gives={200: PriceOut})
def read_price(request: Request[None]) -> Answer:
    """Read a price."""
    return _answer(contracts.read_price(request.org, request["contract"], request["price"]))


@endpoint(
    "PATCH",
    PRICE,
    who=Staff("manager"),
    takes=PriceChanges,
    gives={200: PriceOut},
    refuses=(ChangedMeanwhile, PriceCodeTaken, DoesNotFit),
)
def edit_price(request: Request[PriceChanges]) -> Answer:
    """Change what is named of a price; codes that were issued keep the price they were issued at."""
    edited = contracts.edit_price(request.org, request["contract"], request["price"], request.body, expected=expected(request.call))
    return _answer(edited)


@endpoint("DELETE", PRICE, who=Staff("manager"), gives={204: None}, refuses=(ChangedMeanwhile,))
def delete_price(request: Request[None]) -> Answer:
    """Delete a price; codes that were issued at it keep it."""
    contracts.delete_price(request.org, request["contract"], request["price"], expected=expected(request.call))
    return Answer(204)


def _answer(price: Price, status: int = 200) -> Answer:
    return Answer(status, PriceOut.of(CodePrice.of(price)), etag(price.version))
