"""Prices of a contract: the first tab, and the form of one."""

from typing import Any

from chalicelib.operations import contracts, sessions
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Redirect
from chalicelib.pages.contracts import frame
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.sessions.sheets import NO_AMOUNT, NoSuchAmountError, amount_field, amount_of
from chalicelib.rules.contracts import Price
from chalicelib.rules.drafts.contracts import PriceChanges, PriceDraft
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.sessions import Session

PRICE = frame.CONTRACT + "/prices/{price}"
TYPED = ("code", "label", "session", "tag")
PLACES = {"price": "price/amount", "price/currency": "price/amount"}
OFFERED = 200
"""How many of the coming sessions the form offers."""


@page("GET", frame.CONTRACT, who=Staff("viewer"))
def list_prices(visit: Visit) -> Answer:
    found = contracts.list_prices(visit.org, visit["contract"])
    return frame.tab(visit, "contracts/prices.html", prices=found, titles=_titles(visit, found))


@page("GET", frame.CONTRACT + "/prices/new", who=Staff("manager"))
def new_price(visit: Visit) -> Answer:
    return _form(visit, forms.blank())


@page("POST", frame.CONTRACT + "/prices/new", who=Staff("manager"))
def create_price(visit: Visit) -> Answer:
    try:
        contracts.create_price(visit.org, visit["contract"], _draft(visit, visit.home.currency), key=visit.key)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, frame.refused(visit.typed, refusal, PLACES))
    return Redirect(frame.root(visit), {"done": "price-added"})


@page("GET", PRICE, who=Staff("manager"))
def price_form(visit: Visit) -> Answer:
    price = contracts.read_price(visit.org, visit["contract"], visit["price"])
    return _form(visit, forms.blank(_fields(price)), price)


@page("POST", PRICE, who=Staff("manager"))
def edit_price(visit: Visit) -> Answer:
    price = contracts.read_price(visit.org, visit["contract"], visit["price"])
    try:
        draft = _draft(visit, price.price.currency)
        changes = PriceChanges.model_construct(_fields_set=set(PriceDraft.model_fields), **dict(draft))
        contracts.edit_price(visit.org, price.contract, price.id, changes, expected=frame.version(visit))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, frame.refused(visit.typed, refusal, PLACES), price)
    return Redirect(frame.root(visit), {"done": "saved"})


@page("GET", PRICE + "/delete", who=Staff("manager"))
def ask_delete_price(visit: Visit) -> Answer:
    price = contracts.read_price(visit.org, visit["contract"], visit["price"])
    return asking.ask(
        visit,
        f"Delete the price {price.code}?",
        ["No more codes can be made at it. Codes that were issued keep their price and can still be used."],
        verb="Delete",
        stay="Keep it",
        back=frame.root(visit),
        destroys=True,
        template="contracts/ask.html",
    )


@page("POST", PRICE + "/delete", who=Staff("manager"))
def delete_price(visit: Visit) -> Answer:
    contracts.delete_price(visit.org, visit["contract"], visit["price"])
    return Redirect(frame.root(visit), {"done": "price-deleted"})


def _draft(visit: Visit, currency: str) -> PriceDraft:
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in TYPED}
    faults = {}
    try:
        values |= {"price/amount": amount_of(visit.typed.get("price/amount", ""), currency), "price/currency": currency}
    except NoSuchAmountError:
        values |= {"price/amount": 0, "price/currency": currency}
        faults["price/amount"] = NO_AMOUNT
    return forms.read(PriceDraft, values, faults)


def _fields(price: Price) -> dict[str, str]:
    values = {name: getattr(price, name) for name in TYPED}
    return {**values, "price/amount": amount_field(price.price.amount, price.price.currency), "version": str(price.version)}


def _form(visit: Visit, form: forms.Form, price: Price | None = None) -> Answer:
    coming = [view.session for view in sessions.list_sessions(visit.org, now=visit.call.now, limit=OFFERED, coming=True).items]
    if price and price.session and price.session not in {session.id for session in coming}:
        coming += _session(visit, price.session)
    data = {
        "price": price,
        "sessions": coming,
        "tags": sorted({tag for session in coming for tag in session.tags}, key=str.casefold),
        "currency": price.price.currency if price else visit.home.currency,
    }
    return frame.shown("contracts/price.html", frame.about(visit, **data), form)


def _titles(visit: Visit, prices: list[Price]) -> dict[str, str]:
    """Return what the sessions of these prices are called; one that was deleted is not among them."""
    wanted = {price.session for price in prices if price.session}
    return {own: session.title for own in wanted for session in _session(visit, own)}


def _session(visit: Visit, own: str) -> list[Session]:
    """Return the session, alone; nothing when it was deleted."""
    try:
        return [sessions.read_session(visit.org, own, now=visit.call.now).session]
    except NotFound:
        return []
