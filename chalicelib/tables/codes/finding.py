"""Codes and batches as they are found."""

from collections import Counter as Tally
from typing import Any, NamedTuple

from chalicelib.rules import times
from chalicelib.rules.codes import Batch, Code
from chalicelib.rules.contracts import Terms
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import contracts, keys, requests
from chalicelib.tables.codes.rows import batch_from, code_from, known
from chalicelib.tables.items import Item, plain, stored
from chalicelib.tables.organisations import organisation_from
from chalicelib.tables.rosters import Desk, desk_from, desk_keys


class Counter(NamedTuple):
    """What lies on the counter when somebody comes with a code."""

    organisation: Organisation
    code: Code | None
    terms: Terms | None
    """Of the code's contract; None when that is gone."""
    misses: tuple[Item | None, ...]
    """The counts of wrong codes that were asked for, as stored."""
    desk: Desk | None
    """What a booking needs of the session, when one is named."""


def counter(org: str, code: str, *, misses: tuple[keys.Key, ...] = (), session: str = "") -> Counter:
    """Return all of it in one request. Raises NotFound for an unknown organisation or session."""
    of_code, of_terms = keys.code(org, code), keys.contract_terms(org)
    on_desk = desk_keys(org, session) if session else {settings().records_table: [keys.organisation(org)]}
    wanted = {**on_desk, settings().codes_table: [of_code], settings().memory_table: list(misses)}
    wanted[settings().records_table] = [*wanted[settings().records_table], of_terms]
    found = requests.batch_get(wanted)
    if keys.organisation(org) not in found:
        raise NotFound
    code_found = known(found.get(of_code))
    return Counter(
        organisation=organisation_from(found[keys.organisation(org)]),
        code=code_found,
        terms=contracts.terms_of(found.get(of_terms)).get(code_found.contract) if code_found else None,
        misses=tuple(found.get(key) for key in misses),
        desk=desk_from(org, session, found) if session else None,
    )


def get(org: str, code: str) -> Code:
    """Return the code, or NotFound; a deleted one is not found either."""
    found = known(requests.get(settings().codes_table, keys.code(org, code)))
    if found is None:
        raise NotFound
    return found


def find(org: str, codes: list[str]) -> list[Code]:
    """Return those of up to a hundred codes that there are."""
    found = requests.batch_get({settings().codes_table: [keys.code(org, code) for code in codes]}) if codes else {}
    return [code for code in map(known, found.values()) if code]


def page(
    org: str, contract: str, *, batch: Batch | None = None, participant: str = "", limit: int, start: Item | None
) -> tuple[list[Code], Item | None]:
    """Return a page of a contract's codes, latest first: all, those of a batch, or a participant's. It may hold fewer than `limit`."""
    found, following = requests.query_page(
        **_listed(org, contract, batch=batch, participant=participant),
        Limit=limit,
        **({"ExclusiveStartKey": start} if start else {}),
    )
    return [code_from(entry) for entry in found], following


def stretch(org: str, contract: str, *, batch: Batch | None, limit: int, start: Item | None) -> tuple[list[Code], Item | None]:
    """Return so many of a contract's codes, latest first, from a place in the list on, and where it goes on."""
    found: list[Code] = []
    while True:
        more, start = page(org, contract, batch=batch, limit=limit - len(found), start=start)
        found += more
        if start is None or len(found) >= limit:
            return found, start


def count(org: str, contract: str) -> int:
    """Return how many codes a contract has."""
    return requests.count(**_listed(org, contract))


def batch(org: str, contract: str, own: str) -> Batch:
    """Return the batch, or NotFound."""
    found = requests.get(settings().records_table, keys.batch(org, contract, own))
    if not found:
        raise NotFound
    return batch_from(found)


def batches(org: str, contract: str) -> list[Batch]:
    """Return a contract's batches, latest first."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :contract AND begins_with(sk, :batches)",
        ExpressionAttributeValues={":contract": stored(keys.under_contract(org, contract)), ":batches": stored(keys.BATCH)},
    )
    return sorted((batch_from(entry) for entry in found), key=lambda batch: (batch.created_at, batch.id), reverse=True)


def tally(batch: Batch) -> Tally[str]:
    """Return how many of a batch's codes got how far: by H(anded out), R(edeemed), C(ancelled)."""
    reached = requests.query(
        TableName=settings().codes_table,
        IndexName="funnel",
        KeyConditionExpression="funnel = :batch",
        ProjectionExpression="funnel_at",
        ExpressionAttributeValues={":batch": stored(f"{batch.org}#{batch.id}")},
    )
    return Tally(str(plain(entry)["funnel_at"])[0] for entry in reached)


def _listed(org: str, contract: str, *, batch: Batch | None = None, participant: str = "") -> dict[str, Any]:
    values: Item = {":contract": stored(keys.under_contract(org, contract))}
    asked: dict[str, Any] = {
        "TableName": settings().codes_table,
        "IndexName": "listed",
        "KeyConditionExpression": "listed = :contract",
        "ExpressionAttributeValues": values,
        "ScanIndexForward": False,
    }
    if batch:
        values[":batch"] = stored(f"{times.written(batch.created_at)}#{batch.id}#")
        asked["KeyConditionExpression"] += " AND begins_with(listed_at, :batch)"
    if participant:
        values[":participant"] = stored(participant)
        asked["FilterExpression"] = "participant = :participant"
    return asked
