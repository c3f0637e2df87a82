"""Prices of a contract: what a session, or every session with a tag, costs under it."""

from dataclasses import replace
from typing import Any

from chalicelib.operations.contracts.agreements import check_version, repeated
from chalicelib.operations.identity import derived
from chalicelib.rules.contracts import Price
from chalicelib.rules.drafts.contracts import PriceChanges, PriceDraft
from chalicelib.rules.refusals import DoesNotFit, NotFound, marked
from chalicelib.tables import contracts, organisations, sessions

OTHER_CURRENCY = ("/price/currency", "other_currency", marked("Use the currency of the organisation."))
NO_SUCH_SESSION = ("/session", "unknown_session", marked("There is no such session. Choose one of yours."))
SESSION_OR_TAG = ("/tag", "session_or_tag", marked("Choose one session, or write a tag: one of the two."))


def create_price(org: str, contract: str, draft: PriceDraft, *, key: str) -> Price:
    """Add a price; a retry under the same key returns the one that it made. Raises NotFound, DoesNotFit, PriceCodeTaken."""
    contracts.get(org, contract)
    price = Price(
        org=org,
        contract=contract,
        id=derived("price", org, contract, key),
        code=draft.code,
        label=draft.label,
        price=draft.price.money(),
        session=draft.session or "",
        tag=draft.tag or "",
    )
    _check(price)
    contracts.create_price(price)
    return contracts.get_price(org, contract, price.id)


def list_prices(org: str, contract: str) -> list[Price]:
    """Return all prices by price code. Raises NotFound."""
    contracts.get(org, contract)
    return sorted(contracts.prices(org, contract), key=lambda price: price.code.casefold())


def read_price(org: str, contract: str, own: str) -> Price:
    """Return the price, or NotFound."""
    contracts.get(org, contract)
    return contracts.get_price(org, contract, own)


def edit_price(org: str, contract: str, own: str, changes: PriceChanges, *, expected: int | None) -> Price:
    """Change what is named; codes that were issued keep theirs. Raises ChangedMeanwhile, DoesNotFit, PriceCodeTaken."""

    def edit() -> Price:
        was = read_price(org, contract, own)
        check_version(was.version, expected)
        edited = _edited(was, changes)
        _check(edited)
        return contracts.save_price(edited, was=was)

    return repeated(edit, expected=expected)


def delete_price(org: str, contract: str, own: str, *, expected: int | None = None) -> None:
    """Delete a price; codes that were issued at it stay as they are. Raises NotFound, ChangedMeanwhile."""

    def delete() -> None:
        price = read_price(org, contract, own)
        check_version(price.version, expected)
        contracts.delete_price(price)

    repeated(delete, expected=expected)


def _edited(was: Price, changes: PriceChanges) -> Price:
    named: dict[str, Any] = {name: getattr(changes, name) or "" for name in changes.model_fields_set}
    if changes.price:
        named["price"] = changes.price.money()
    if changes.session:
        named.setdefault("tag", "")
    if changes.tag:
        named.setdefault("session", "")
    return replace(was, **named)


def _check(price: Price) -> None:
    """Refuse, with every fault at once, a price in another currency, of nothing or of two things, or of a session that is not there."""
    faults = []
    if price.price.currency != organisations.get(price.org).currency:
        faults.append(OTHER_CURRENCY)
    if bool(price.session) == bool(price.tag):
        faults.append(SESSION_OR_TAG)
    if price.session and not _is_there(price.org, price.session):
        faults.append(NO_SUCH_SESSION)
    if faults:
        raise DoesNotFit(faults)


def _is_there(org: str, session: str) -> bool:
    try:
        sessions.get(org, session)
    except NotFound:
        return False
    return True
