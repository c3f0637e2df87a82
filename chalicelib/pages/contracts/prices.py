"""Prices of a contract: the first tab, and the form of one."""

from typing import Any

from chalicelib.operations import contracts, sessions
from chalicelib.pages import amounts, confirm, forms
from chalicelib.pages.contracts import layout
from chalicelib.pages.responses import PageResponse, Redirect
from chalicelib.pages.session_choice import is_search, session_choice
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.contracts import ContractPrice
from chalicelib.rules.inputs.contracts import PriceChanges, PriceInput
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Staff

PRICE = layout.CONTRACT + "/prices/{price}"
TYPED = ("code", "label", "session", "tag")
FIELDS = {"price": "price/amount", "price/currency": "price/amount"}


@page("GET", layout.CONTRACT, who=Staff("read"))
def list_prices(visit: Visit) -> PageResponse:
    found = contracts.list_prices(visit.org, visit["contract"])
    return layout.tab(visit, "contracts/prices.html", prices=found, titles=_titles(visit, found))


@page("GET", layout.CONTRACT + "/prices/new", who=Staff("manage_contracts"))
def new_price(visit: Visit) -> PageResponse:
    return _form(visit, forms.blank())


@page("POST", layout.CONTRACT + "/prices/new", who=Staff("manage_contracts"))
def create_price(visit: Visit) -> PageResponse:
    if is_search(visit):
        return _form(visit, forms.Form(visit.typed, key=visit.key))
    try:
        contracts.create_price(visit.org, visit["contract"], _draft(visit, visit.home.currency), key=visit.key)
    except forms.REFUSED as refusal:
        return _form(visit, layout.refused(visit.typed, refusal, FIELDS))
    return Redirect(layout.root(visit), {"done": "price-added"})


@page("GET", PRICE, who=Staff("manage_contracts"))
def price_form(visit: Visit) -> PageResponse:
    price = contracts.read_price(visit.org, visit["contract"], visit["price"])
    return _form(visit, forms.blank(_fields(price)), price)


@page("POST", PRICE, who=Staff("manage_contracts"))
def edit_price(visit: Visit) -> PageResponse:
    price = contracts.read_price(visit.org, visit["contract"], visit["price"])
    if is_search(visit):
        return _form(visit, forms.Form(visit.typed, key=visit.key), price)
    try:
        draft = _draft(visit, price.price.currency)
        changes = PriceChanges.model_construct(_fields_set=set(PriceInput.model_fields), **dict(draft))
        contracts.edit_price(visit.org, price.contract, price.id, changes, expected=forms.version(visit.typed))
    except forms.REFUSED as refusal:
        return _form(visit, forms.with_conflict(layout.refused(visit.typed, refusal, FIELDS), _fields(price)), price)
    return Redirect(layout.root(visit), {"done": "saved"})


@page("GET", PRICE + "/delete", who=Staff("manage_contracts"))
def ask_delete_price(visit: Visit) -> PageResponse:
    price = contracts.read_price(visit.org, visit["contract"], visit["price"])
    return confirm.ask(
        visit,
        visit.gettext("Delete the price %(code)s?") % {"code": price.code},
        [visit.gettext("No more codes can be made at it. Codes that were issued keep their price and can still be used.")],
        verb=visit.gettext("Delete"),
        stay=visit.gettext("Cancel"),
        back=layout.root(visit),
        destroys=True,
        template="contracts/ask.html",
    )


@page("POST", PRICE + "/delete", who=Staff("manage_contracts"))
def delete_price(visit: Visit) -> PageResponse:
    contracts.delete_price(visit.org, visit["contract"], visit["price"])
    return Redirect(layout.root(visit), {"done": "price-deleted"})


def _draft(visit: Visit, currency: str) -> PriceInput:
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in TYPED}
    faults = {}
    try:
        values |= {"price/amount": amounts.typed(visit.typed.get("price/amount", ""), currency), "price/currency": currency}
    except amounts.NoSuchAmountError as wrong:
        values |= {"price/amount": 0, "price/currency": currency}
        faults["price/amount"] = str(wrong)
    return forms.read(PriceInput, values, faults)


def _fields(price: ContractPrice) -> dict[str, str]:
    values = {name: getattr(price, name) for name in TYPED}
    return {**values, "price/amount": amounts.field(price.price), "version": str(price.version)}


def _form(visit: Visit, form: forms.Form, price: ContractPrice | None = None) -> PageResponse:
    choice = session_choice(visit, filter(None, [form.at("session")]))
    data = {
        "price": price,
        "choice": choice,
        "tags": sorted({tag for session in (*choice.chosen, *choice.others) for tag in session.tags}, key=str.casefold),
        "currency": price.price.currency if price else visit.home.currency,
    }
    return layout.shown("contracts/price.html", layout.contract_data(visit, **data), form)


def _titles(visit: Visit, prices: list[ContractPrice]) -> dict[str, str]:
    """Return the titles of the prices' sessions, by id. Deleted sessions are left out."""
    wanted = {price.session for price in prices if price.session}
    return {id: session.title for id in wanted for session in _session(visit, id)}


def _session(visit: Visit, id: str) -> list[Session]:
    """Return a list with the session; an empty one if the session was deleted."""
    try:
        return [sessions.read_session(visit.org, id, now=visit.call.now).session]
    except NotFound:
        return []
