"""Participants of a contract: a row each, and a guard row that makes the identifier unique. The index directory lists them by name."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from chalicelib.config import config
from chalicelib.rules.contracts import Contract, ContractParticipant, ParticipantExists, ParticipantHasCodes
from chalicelib.rules.customers import MOST_WORDS, SEPARATOR, whole_prefixes
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.rules.text import words
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import NEW, THERE, Update, absent, as_read
from chalicelib.tables.contracts import rows
from chalicelib.tables.contracts.contracts import participants_write
from chalicelib.tables.items import Item
from chalicelib.tables.saves import save_write

WITHOUT_CODES = absent("codes")
LONGEST_PAGE = 500


def create_participant(contract: Contract, participant: ContractParticipant) -> None:
    """Write a new participant; an existing one stays.

    Raises ParticipantExists; ChangedMeanwhile when the contract was changed or deleted since it was read.
    """
    try:
        dynamodb.transact([participants_write(contract), *creation_writes(contract, participant)])
    except dynamodb.TransactionFailed as failed:
        changed, row, taken = failed.reasons
        if changed is not None:
            raise ChangedMeanwhile from None
        if row is None and taken:
            raise ParticipantExists(taken["holder"]["S"]) from None


def creation_writes(contract: Contract, participant: ContractParticipant) -> list[dict[str, Any]]:
    """Return the two writes of a new participant: its row and its identifier. A transaction of them has `participants_write` too, once."""
    row = dynamodb.put_write(config().records_table, rows.participant_item(participant), NEW)
    return [row, rows.guard(_identifier(contract, participant), participant.id)]


def get_participant(org: str, contract: str, id: str) -> ContractParticipant:
    """Return the participant. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.contract_participant(org, contract, id))
    if not found:
        raise NotFound
    return rows.participant_from(org, contract, found)


def find_participants(org: str, contract: str, wanted: Iterable[str]) -> list[ContractParticipant]:
    """Return the existing ones of up to a hundred participants."""
    found = dynamodb.batch_get({config().records_table: [keys.contract_participant(org, contract, id) for id in wanted]})
    return [rows.participant_from(org, contract, row) for row in found.values()]


def participants(org: str, contract: str) -> Iterator[ContractParticipant]:
    """Yield all participants of the contract, consistently read, in no particular order."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :contract AND begins_with(sk, :participants)",
        ExpressionAttributeValues={":contract": {"S": keys.under_contract(org, contract)}, ":participants": {"S": keys.PARTICIPANT}},
        ConsistentRead=True,
    )
    return (rows.participant_from(org, contract, row) for row in found)


def participant_page(org: str, contract: str, *, q: str, limit: int, start: Item | None) -> tuple[list[ContractParticipant], Item | None]:
    """Return a page of participants by name. Each word of `q` must begin the identifier, the address or a word of the name."""
    condition, searched = _searching(q)
    query: dict[str, Any] = {
        "TableName": config().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :contract",
        "ExpressionAttributeValues": {":contract": {"S": keys.under_contract(org, contract)}, **searched},
        "Limit": LONGEST_PAGE if searched else limit,
        **({"FilterExpression": condition} if searched else {}),
    }
    found: list[Item] = []
    while True:
        items, start = dynamodb.query_page(**query, start=start)
        found += items
        if len(found) > limit:
            return [rows.participant_from(org, contract, row) for row in found[:limit]], _start_key(found[limit - 1])
        if not start or len(found) == limit:
            return [rows.participant_from(org, contract, row) for row in found], start


def _searching(q: str) -> tuple[str, Item]:
    """Return the condition of a search and its values: whole identifiers, which every version has stored, or words."""
    values: Item = {}
    conditions = []
    for name, prefixes in (("whole", whole_prefixes(q)), ("word", [f"{SEPARATOR}{word}" for word in words(q)[:MOST_WORDS]])):
        named = {f":{name}{index}": {"S": prefix} for index, prefix in enumerate(prefixes)}
        if named:
            values |= named
            conditions.append("(" + " AND ".join(f"contains(sought, {value})" for value in named) + ")")
    return " OR ".join(conditions), values


def save_participant(contract: Contract, participant: ContractParticipant, *, was: ContractParticipant) -> ContractParticipant:
    """Write the edited participant over the version that was read. Raises ChangedMeanwhile, ParticipantExists."""
    saved = replace(participant, version=was.version + 1)
    try:
        dynamodb.transact(save_writes(contract, saved, was=was))
    except dynamodb.TransactionFailed as failed:
        if failed.reasons[0] is None and failed.reasons[1]:
            raise ParticipantExists(failed.reasons[1]["holder"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def save_writes(contract: Contract, saved: ContractParticipant, *, was: ContractParticipant) -> list[dict[str, Any]]:
    """Return the writes of an edited participant, whose version is the next one: its row, and its identifier when that changes."""
    writes = [
        save_write(config().records_table, rows.participant_item(saved), rows.PARTICIPANTS.attributes | rows.INDEXED, as_read(was.version))
    ]
    if _identifier(contract, saved) != _identifier(contract, was):
        writes += [rows.guard(_identifier(contract, saved), saved.id), rows.unguard(_identifier(contract, was), was.id)]
    return writes


def delete_participant(contract: Contract, participant: ContractParticipant) -> None:
    """Delete the participant and free its identifier. Raises ParticipantHasCodes, ChangedMeanwhile."""
    if participant.codes:
        raise ParticipantHasCodes(participant.codes)
    dynamodb.sign(config().records_table, _key(participant))
    row = dynamodb.delete_write(config().records_table, _key(participant), as_read(participant.version) & WITHOUT_CODES)
    try:
        dynamodb.transact([row, rows.unguard(_identifier(contract, participant), participant.id)])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def assign_write(participant: ContractParticipant, code: str) -> dict[str, Any]:
    """Return the write that assigns one more code to the participant. Its condition fails when the participant is gone."""
    return dynamodb.update_write(config().records_table, _key(participant), Update().append("codes", code).add(version=1), THERE)


def unassign_write(participant: ContractParticipant, code: str) -> dict[str, Any]:
    """Return the write that unassigns a code. Its condition fails when the participant has changed since it was read: read again."""
    left = [one for one in participant.codes if one != code]
    change = Update().set(codes=left or None).add(version=1)
    return dynamodb.update_write(config().records_table, _key(participant), change, as_read(participant.version))


def _key(participant: ContractParticipant) -> keys.Key:
    return keys.contract_participant(participant.org, participant.contract, participant.id)


def _identifier(contract: Contract, participant: ContractParticipant) -> keys.Key:
    return keys.identifier(participant.org, participant.contract, participant.identified_by(contract.identifier))


def _start_key(row: Item) -> Item:
    """Return the index's start key after this participant."""
    return {name: row[name] for name in ("pk", "sk", "directory", "directory_at")}
