"""Participants of a contract: a row each, and a row that keeps the identifier from the others; by name in the index directory."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from chalicelib.rules.contracts import Contract, ContractParticipant, ParticipantExists, ParticipantHasCodes
from chalicelib.rules.customers import beginnings
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.contracts import rows
from chalicelib.tables.contracts.agreements import AS_READ, NEW, peopling_write
from chalicelib.tables.items import Item

EXISTS = "attribute_exists(pk)"
WITHOUT_CODES = "attribute_not_exists(codes)"
LONGEST_PAGE = 500


def create_participant(contract: Contract, participant: ContractParticipant) -> None:
    """Write a new participant; one that was written before stands.

    Raises ParticipantExists; ChangedMeanwhile when the contract was changed or deleted since it was read.
    """
    try:
        requests.transact([peopling_write(contract), *creation_writes(contract, participant)])
    except requests.TransactionFailed as failed:
        changed, row, taken = failed.reasons
        if changed is not None:
            raise ChangedMeanwhile from None
        if row is None and taken:
            raise ParticipantExists(taken["holder"]["S"]) from None


def creation_writes(contract: Contract, participant: ContractParticipant) -> list[dict[str, Any]]:
    """Return the two writes of a new participant: its row and its identifier. Beside them stands `peopling_write`, once."""
    return [rows.put(rows.participant_item(participant), NEW), rows.guard(_identifier(contract, participant), participant.id)]


def get_participant(org: str, contract: str, own: str) -> ContractParticipant:
    """Return the participant, or NotFound."""
    found = requests.get(settings().records_table, keys.contract_participant(org, contract, own))
    if not found:
        raise NotFound
    return rows.participant_from(org, contract, found)


def find_participants(org: str, contract: str, wanted: Iterable[str]) -> list[ContractParticipant]:
    """Return those of up to a hundred participants that there are."""
    found = requests.batch_get({settings().records_table: [keys.contract_participant(org, contract, own) for own in wanted]})
    return [rows.participant_from(org, contract, entry) for entry in found.values()]


def participants(org: str, contract: str) -> Iterator[ContractParticipant]:
    """Return all participants of the contract, as they are now, in no order that means anything."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :contract AND begins_with(sk, :participants)",
        ExpressionAttributeValues={":contract": {"S": keys.under_contract(org, contract)}, ":participants": {"S": keys.PARTICIPANT}},
        ConsistentRead=True,
    )
    return (rows.participant_from(org, contract, entry) for entry in found)


def participant_page(org: str, contract: str, *, q: str, limit: int, start: Item | None) -> tuple[list[ContractParticipant], Item | None]:
    """Return participants by name, those of whom each word of `q` begins the identifier, the address or a word of the name."""
    words = {f":q{place}": {"S": word} for place, word in enumerate(beginnings(q))}
    asked: dict[str, Any] = {
        "TableName": settings().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :contract",
        "ExpressionAttributeValues": {":contract": {"S": keys.under_contract(org, contract)}, **words},
        "Limit": LONGEST_PAGE if words else limit,
        **({"FilterExpression": " AND ".join(f"contains(sought, {name})" for name in words)} if words else {}),
    }
    found: list[Item] = []
    while True:
        items, start = requests.query_page(**asked, **({"ExclusiveStartKey": start} if start else {}))
        found += items
        if len(found) > limit:
            return [rows.participant_from(org, contract, entry) for entry in found[:limit]], _place(found[limit - 1])
        if not start or len(found) == limit:
            return [rows.participant_from(org, contract, entry) for entry in found], start


def save_participant(contract: Contract, participant: ContractParticipant, *, was: ContractParticipant) -> ContractParticipant:
    """Write the edited participant over the version that was read. Raises ChangedMeanwhile, ParticipantExists."""
    saved = replace(participant, version=was.version + 1)
    try:
        requests.transact(saving_writes(contract, saved, was=was))
    except requests.TransactionFailed as failed:
        if failed.reasons[0] is None and failed.reasons[1]:
            raise ParticipantExists(failed.reasons[1]["holder"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def saving_writes(contract: Contract, saved: ContractParticipant, *, was: ContractParticipant) -> list[dict[str, Any]]:
    """Return the writes of an edited participant, whose version is the next one: its row, and its identifier when that changes."""
    writes = [rows.put(rows.participant_item(saved), AS_READ, {":version": was.version})]
    if _identifier(contract, saved) != _identifier(contract, was):
        writes += [rows.guard(_identifier(contract, saved), saved.id), rows.unguard(_identifier(contract, was), was.id)]
    return writes


def delete_participant(contract: Contract, participant: ContractParticipant) -> None:
    """Delete the participant as read, and give the identifier back. Raises ParticipantHasCodes, ChangedMeanwhile."""
    if participant.codes:
        raise ParticipantHasCodes(participant.codes)
    row = rows.delete(_key(participant), f"{AS_READ} AND {WITHOUT_CODES}", {":version": participant.version})
    try:
        requests.transact([row, rows.unguard(_identifier(contract, participant), participant.id)])
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None


def assign_write(participant: ContractParticipant, code: str) -> dict[str, Any]:
    """Return the write that gives the participant one more code. Its failed condition means that the participant is gone."""
    change = "SET codes = list_append(if_not_exists(codes, :none), :code), version = version + :one"
    return rows.update(_key(participant), change, EXISTS, {":none": [], ":code": [code], ":one": 1})


def unassign_write(participant: ContractParticipant, code: str) -> dict[str, Any]:
    """Return the write that takes a code from the participant as read. Its failed condition means that something changed: read again."""
    left = [one for one in participant.codes if one != code]
    change = "SET version = version + :one" + (", codes = :left" if left else " REMOVE codes")
    values: dict[str, Any] = {":one": 1, ":version": participant.version, **({":left": left} if left else {})}
    return rows.update(_key(participant), change, AS_READ, values)


def _key(participant: ContractParticipant) -> keys.Key:
    return keys.contract_participant(participant.org, participant.contract, participant.id)


def _identifier(contract: Contract, participant: ContractParticipant) -> keys.Key:
    return keys.identifier(participant.org, participant.contract, participant.identified_by(contract.identifier))


def _place(entry: Item) -> Item:
    """Return where the index goes on after this participant."""
    return {name: entry[name] for name in ("pk", "sk", "directory", "directory_at")}
