"""The stored form of contracts, prices and participants."""

from typing import Any

from chalicelib.config import config
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice, ContractTerms
from chalicelib.rules.customers import SEPARATOR
from chalicelib.rules.text import without_accents, words
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec, nested
from chalicelib.tables.conditions import NEW, equals
from chalicelib.tables.items import Item, item, plain, stored

SHOWN_NAME = 200
"""Sort keys use this number of characters of a text: folding may lengthen it, and DynamoDB limits keys to 1,024 bytes."""
CONTRACTS = Codec(Contract, elsewhere={"org", "id"}, always={"version"})
TERMS = nested(ContractTerms)
PRICES = Codec(ContractPrice, elsewhere={"org", "contract", "id"}, always={"version"})
PARTICIPANTS = Codec(ContractParticipant, elsewhere={"org", "contract", "id"}, always={"version"})
INDEXED = {"directory", "directory_at", "sought"}
"""The attributes of the index of participants."""


def contract_item(contract: Contract) -> Item:
    return {**keys.contract(contract.org, contract.id).stored(), **item(CONTRACTS.write(contract))}


def contract_changes(contract: Contract) -> dict[str, Any]:
    """Return the attributes that an edit may change, and the version. `issued` and `peopled`, never reset, are written elsewhere."""
    return CONTRACTS.changes(contract, but={"created_at", "issued", "peopled"})


def contract_from(org: str, row: Item) -> Contract:
    values = plain(row)
    return CONTRACTS.read(values, org=org, id=values["sk"].removeprefix(keys.CONTRACT))


def price_item(price: ContractPrice) -> Item:
    return {**keys.price(price.org, price.contract, price.id).stored(), **item(PRICES.write(price))}


def price_from(org: str, contract: str, row: Item) -> ContractPrice:
    values = plain(row)
    return PRICES.read(values, org=org, contract=contract, id=values["sk"].removeprefix(keys.PRICE))


def participant_item(participant: ContractParticipant) -> Item:
    shown = participant.name or participant.client_id or participant.email
    indexed = {
        "directory": keys.under_contract(participant.org, participant.contract),
        "directory_at": f"{without_accents(shown)[:SHOWN_NAME]}#{participant.id}",
        "sought": _search_text(participant),
    }
    key = keys.contract_participant(participant.org, participant.contract, participant.id)
    return {**key.stored(), **item({**PARTICIPANTS.write(participant), **indexed})}


def participant_from(org: str, contract: str, row: Item) -> ContractParticipant:
    values = plain(row)
    return PARTICIPANTS.read(values, org=org, contract=contract, id=values["sk"].removeprefix(keys.PARTICIPANT))


def _search_text(participant: ContractParticipant) -> str:
    """Return the searched text: identifiers and addresses whole, as every version has stored them, and the words of everything."""
    whole = (*without_accents(participant.name).split(), *map(without_accents, (participant.client_id, participant.email)))
    parts = words(" ".join((participant.name, participant.client_id, participant.email)))
    return "".join(f"{SEPARATOR}{word}" for word in dict.fromkeys((*whole, *parts)) if word)


def guard(key: keys.Key, holder: str) -> dict[str, Any]:
    """Return the write of a guard row, which reserves a price code or an identifier for its holder. It fails when another row has it."""
    return dynamodb.put_write(config().records_table, {**key.stored(), "holder": stored(holder)}, NEW | equals("holder", holder))


def unguard(key: keys.Key, holder: str) -> dict[str, Any]:
    """Return the write that deletes a guard row."""
    return dynamodb.delete_write(config().records_table, key, equals("holder", holder))
