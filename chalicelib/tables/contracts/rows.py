"""Contracts, prices and participants as they are stored."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.contracts import Contract, ContractParticipant, Price, Terms
from chalicelib.rules.customers import MARK
from chalicelib.rules.money import Money
from chalicelib.rules.text import without_accents
from chalicelib.settings import settings
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item, plain, stored

SHOWN_NAME = 200
"""Of what a list is sorted by, as many characters count: some grow when compared, and a key has an end."""


def contract_item(contract: Contract) -> Item:
    values = {**contract_facts(contract), "created_at": times.written(contract.created_at)}
    return {**keys.contract(contract.org, contract.id).stored(), **item(values)}


def contract_facts(contract: Contract) -> dict[str, Any]:
    """Return what an edit may change, and the version. What never goes back, `issued` and `peopled`, is written elsewhere."""
    return {
        "name": contract.name,
        "client": contract.client,
        "identifier": contract.identifier,
        "version": contract.version,
        **terms_facts(contract.terms),
    }


def contract_from(org: str, entry: Item) -> Contract:
    values = plain(entry)
    return Contract(
        org=org,
        id=values["sk"].removeprefix(keys.CONTRACT),
        name=values["name"],
        client=values["client"],
        identifier=values["identifier"],
        created_at=times.read(values["created_at"]),
        version=values["version"],
        issued=values.get("issued", False),
        peopled=values.get("peopled", False),
        **terms_from(values)._asdict(),
    )


def terms_facts(terms: Terms) -> dict[str, Any]:
    return {
        "prefix": terms.prefix,
        "active": terms.active,
        "starts_on": terms.starts_on.isoformat() if terms.starts_on else None,
        "ends_on": terms.ends_on.isoformat() if terms.ends_on else None,
    }


def terms_from(values: Mapping[str, Any]) -> Terms:
    return Terms(values["prefix"], values["active"], _day(values.get("starts_on")), _day(values.get("ends_on")))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def price_item(price: Price) -> Item:
    values = {
        "code": price.code,
        "label": price.label,
        "price": price.price._asdict(),
        "session": price.session or None,
        "tag": price.tag or None,
        "version": price.version,
    }
    return {**keys.price(price.org, price.contract, price.id).stored(), **item(values)}


def price_from(org: str, contract: str, entry: Item) -> Price:
    values = plain(entry)
    return Price(
        org=org,
        contract=contract,
        id=values["sk"].removeprefix(keys.PRICE),
        code=values["code"],
        label=values["label"],
        price=Money(**values["price"]),
        session=values.get("session", ""),
        tag=values.get("tag", ""),
        version=values["version"],
    )


def participant_item(participant: ContractParticipant) -> Item:
    shown = participant.name or participant.client_id or participant.email
    values = {
        "directory": keys.under_contract(participant.org, participant.contract),
        "directory_at": f"{without_accents(shown)[:SHOWN_NAME]}#{participant.id}",
        "sought": _sought(participant),
        "client_id": participant.client_id or None,
        "name": participant.name or None,
        "email": participant.email or None,
        "details": list(participant.details) or None,
        "shareable": list(participant.shareable) or None,
        "codes": list(participant.codes) or None,
        "version": participant.version,
    }
    return {**keys.contract_participant(participant.org, participant.contract, participant.id).stored(), **item(values)}


def _sought(participant: ContractParticipant) -> str:
    words = (*without_accents(participant.name).split(), *map(without_accents, (participant.client_id, participant.email)))
    return "".join(f"{MARK}{word}" for word in words if word)


def participant_from(org: str, contract: str, entry: Item) -> ContractParticipant:
    values = plain(entry)
    return ContractParticipant(
        org=org,
        contract=contract,
        id=values["sk"].removeprefix(keys.PARTICIPANT),
        client_id=values.get("client_id", ""),
        name=values.get("name", ""),
        email=values.get("email", ""),
        details=tuple((key, value) for key, value in values.get("details", ())),
        shareable=tuple(values.get("shareable", ())),
        codes=tuple(values.get("codes", ())),
        version=values["version"],
    )


def put(entry: Item, condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the write of a whole item for a transaction."""
    write: dict[str, Any] = {"TableName": settings().records_table, "Item": entry, "ConditionExpression": condition}
    return {"Put": {**write, **_values(values)}}


def guard(key: keys.Key, holder: str) -> dict[str, Any]:
    """Return the write that takes a price code or an identifier for the row that holds it, unless another one has it."""
    return put({**key.stored(), "holder": stored(holder)}, "attribute_not_exists(pk) OR holder = :holder", {":holder": holder})


def unguard(key: keys.Key, holder: str) -> dict[str, Any]:
    """Return the write that gives it back."""
    return delete(key, "holder = :holder", {":holder": holder})


def delete(key: keys.Key, condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    write: dict[str, Any] = {"TableName": settings().records_table, "Key": key.stored(), "ConditionExpression": condition}
    return {"Delete": {**write, **_values(values)}}


def update(key: keys.Key, change: str, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    write = {
        "TableName": settings().records_table,
        "Key": key.stored(),
        "UpdateExpression": change,
        "ConditionExpression": condition,
    }
    return {"Update": {**write, **_values(values)}}


def check(key: keys.Key, condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the part of a transaction that writes nothing and lets it happen only if the condition holds."""
    write: dict[str, Any] = {"TableName": settings().records_table, "Key": key.stored(), "ConditionExpression": condition}
    return {"ConditionCheck": {**write, **_values(values)}}


def _values(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"ExpressionAttributeValues": {name: stored(value) for name, value in values.items()}} if values else {}
