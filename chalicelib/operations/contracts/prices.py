"""Prices of a contract: for one session, or for every session with a tag."""

from dataclasses import replace
from typing import Any

from chalicelib.operations.contracts.contracts import check_version, retry_on_conflict
from chalicelib.operations.identity import derived
from chalicelib.rules.contracts import ContractPrice
from chalicelib.rules.inputs.contracts import PriceChanges, PriceInput
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables import contracts, organisations, sessions

OTHER_CURRENCY = ("/price/currency", "other_currency", N_("Use the currency of the organisation."))
NO_SUCH_SESSION = ("/session", "unknown_session", N_("There is no such session. Choose one of yours."))
SESSION_OR_TAG = ("/tag", "session_or_tag", N_("Choose one session, or write a tag: one of the two."))


def create_price(org: str, contract: str, draft: PriceInput, *, key: str) -> ContractPrice:
    """Add a price. A retry with the same key returns the price that it added. Raises NotFound, ValidationFailed, PriceCodeTaken."""
    contracts.get(org, contract)
    price = ContractPrice(
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


def list_prices(org: str, contract: str) -> list[ContractPrice]:
    """Return all prices by price code. Raises NotFound."""
    contracts.get(org, contract)
    return sorted(contracts.prices(org, contract), key=lambda price: price.code.casefold())


def read_price(org: str, contract: str, id: str) -> ContractPrice:
    """Return the price. Raises NotFound."""
    contracts.get(org, contract)
    return contracts.get_price(org, contract, id)


def edit_price(org: str, contract: str, id: str, changes: PriceChanges, *, expected: int | None) -> ContractPrice:
    """Change the given fields. Issued codes keep their price.

    `expected` is the version that was read, None to accept any. Raises NotFound, ChangedMeanwhile, ValidationFailed, PriceCodeTaken."""

    def edit() -> ContractPrice:
        was = read_price(org, contract, id)
        check_version(was.version, expected)
        edited = _edited(was, changes)
        _check(edited)
        return contracts.save_price(edited, was=was)

    return retry_on_conflict(edit, expected=expected)


def delete_price(org: str, contract: str, id: str, *, expected: int | None = None) -> None:
    """Delete a price. Codes issued at it keep it. Raises NotFound, ChangedMeanwhile."""

    def delete() -> None:
        price = read_price(org, contract, id)
        check_version(price.version, expected)
        contracts.delete_price(price)

    retry_on_conflict(delete, expected=expected)


def _edited(was: ContractPrice, changes: PriceChanges) -> ContractPrice:
    named: dict[str, Any] = {name: getattr(changes, name) or "" for name in changes.model_fields_set}
    if changes.price:
        named["price"] = changes.price.money()
    if changes.session:
        named.setdefault("tag", "")
    if changes.tag:
        named.setdefault("session", "")
    return replace(was, **named)


def _check(price: ContractPrice) -> None:
    """Raise ValidationFailed, with all faults: another currency, an unknown session, or not exactly one of session and tag."""
    faults = []
    if price.price.currency != organisations.get(price.org).currency:
        faults.append(OTHER_CURRENCY)
    if bool(price.session) == bool(price.tag):
        faults.append(SESSION_OR_TAG)
    if price.session and not sessions.exists(price.org, price.session):
        faults.append(NO_SUCH_SESSION)
    if faults:
        raise ValidationFailed(faults)
