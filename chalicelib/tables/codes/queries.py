"""Queries for codes and batches."""

from collections import Counter
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.codes import Batch, Code
from chalicelib.rules.contracts import ContractTerms
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import contracts, dynamodb, keys
from chalicelib.tables.booking_context import BookingContext, booking_context_from, booking_context_keys
from chalicelib.tables.codes.rows import batch_from, code_from, code_or_none
from chalicelib.tables.items import Item, plain, stored
from chalicelib.tables.organisations import organisation_from


class CodeContext(NamedTuple):
    """The facts for one decision about an invitation code, read in one request."""

    organisation: Organisation
    code: Code | None
    terms: ContractTerms | None
    """Of the code's contract; None when that is gone."""
    misses: tuple[Item | None, ...]
    """The counts of wrong codes that were asked for, as stored."""
    booking: BookingContext | None
    """The session's data for a booking, if a session is named."""


def code_context(org: str, code: str, *, misses: tuple[keys.Key, ...] = (), session: str = "", email: str = "") -> CodeContext:
    """Return the context, for a booking under this address. Raises NotFound for an unknown organisation or session."""
    of_code, of_terms = keys.code(org, code), keys.contract_terms(org)
    on_session = booking_context_keys(org, session, email=email) if session else {config().records_table: [keys.organisation(org)]}
    remembered = [*misses, *([keys.full_session(org, session)] if session else [])]
    wanted = {**on_session, config().codes_table: [of_code], config().memory_table: remembered}
    wanted[config().records_table] = [*wanted[config().records_table], of_terms]
    found = dynamodb.batch_get(wanted)
    if keys.organisation(org) not in found:
        raise NotFound
    code_found = code_or_none(found.get(of_code))
    booking = booking_context_from(org, session, found, email=email) if session else None
    return CodeContext(
        organisation=booking.organisation if booking else organisation_from(found[keys.organisation(org)]),
        code=code_found,
        terms=contracts.terms_of(found.get(of_terms)).get(code_found.contract) if code_found else None,
        misses=tuple(found.get(key) for key in misses),
        booking=booking,
    )


def get(org: str, code: str) -> Code:
    """Return the code. Raises NotFound, for a deleted code too."""
    found = code_or_none(dynamodb.get(config().codes_table, keys.code(org, code)))
    if found is None:
        raise NotFound
    return found


def find(org: str, codes: list[str]) -> list[Code]:
    """Return the existing ones of up to a hundred codes."""
    found = dynamodb.batch_get({config().codes_table: [keys.code(org, code) for code in codes]}) if codes else {}
    return [code for code in map(code_or_none, found.values()) if code]


def page(
    org: str, contract: str, *, batch: Batch | None = None, participant: str = "", limit: int, start: Item | None
) -> tuple[list[Code], Item | None]:
    """Return a page of a contract's codes, latest first: all, those of a batch, or a participant's. It may hold fewer than `limit`."""
    found, next_start = dynamodb.query_page(
        **_listed(org, contract, batch=batch, participant=participant),
        Limit=limit,
        start=start,
    )
    return [code_from(row) for row in found], next_start


def full_page(org: str, contract: str, *, batch: Batch | None, limit: int, start: Item | None) -> tuple[list[Code], Item | None]:
    """Return at most `limit` of a contract's codes, latest first, from `start` on, and the next start key."""
    found: list[Code] = []
    while True:
        more, start = page(org, contract, batch=batch, limit=limit - len(found), start=start)
        found += more
        if start is None or len(found) >= limit:
            return found, start


def count(org: str, contract: str) -> int:
    """Return the number of a contract's codes."""
    return dynamodb.count(**_listed(org, contract))


def batch(org: str, contract: str, id: str) -> Batch:
    """Return the batch. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.batch(org, contract, id))
    if not found:
        raise NotFound
    return batch_from(found)


def batches(org: str, contract: str) -> list[Batch]:
    """Return a contract's batches, latest first."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :contract AND begins_with(sk, :batches)",
        ExpressionAttributeValues={":contract": stored(keys.under_contract(org, contract)), ":batches": stored(keys.BATCH)},
    )
    return sorted((batch_from(row) for row in found), key=lambda batch: (batch.created_at, batch.id), reverse=True)


def count_by_stage(batch: Batch) -> Counter[str]:
    """Return the number of a batch's codes at each stage: H(anded out), R(edeemed), C(ancelled)."""
    reached = dynamodb.query(
        TableName=config().codes_table,
        IndexName="funnel",
        KeyConditionExpression="funnel = :batch",
        ProjectionExpression="funnel_at",
        ExpressionAttributeValues={":batch": stored(f"{batch.org}#{batch.id}")},
    )
    return Counter(str(plain(row)["funnel_at"])[0] for row in reached)


def _listed(org: str, contract: str, *, batch: Batch | None = None, participant: str = "") -> dict[str, Any]:
    values: Item = {":contract": stored(keys.under_contract(org, contract))}
    query: dict[str, Any] = {
        "TableName": config().codes_table,
        "IndexName": "listed",
        "KeyConditionExpression": "listed = :contract",
        "ExpressionAttributeValues": values,
        "ScanIndexForward": False,
    }
    if batch:
        values[":batch"] = stored(f"{times.written(batch.created_at)}#{batch.id}#")
        query["KeyConditionExpression"] += " AND begins_with(listed_at, :batch)"
    if participant:
        values[":participant"] = stored(participant)
        query["FilterExpression"] = "participant = :participant"
    return query
