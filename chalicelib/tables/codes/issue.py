"""New codes: written only under unused keys, so that a code is unique in its organisation. A repeated step finds its own codes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.config import config
from chalicelib.rules.codes import Batch, Code
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import contracts, dynamodb, figures, keys
from chalicelib.tables.codes.rows import batch_from, batch_item, code_item, listed_at
from chalicelib.tables.conditions import NEW
from chalicelib.tables.items import Item, stored

MOST_IN_A_TRANSACTION = 100
REQUEST_KNOWN = timedelta(days=2)


class CodeExists(Exception):
    """The code exists already: generate another one."""


def begin_batch(batch: Batch, contract: Contract, price: ContractPrice, counted: figures.CodeCounts) -> Batch:
    """Write a new batch under an existing contract and price. Return it, or the one that the same request began before.

    `counted`: its codes, for the reports.

    Raises NotFound when contract or price is gone.
    """
    row = dynamodb.put_write(config().records_table, batch_item(batch), NEW)
    try:
        counters = figures.code_writes(batch.org, contract.id, counted)
        dynamodb.transact([row, contracts.codes_write(contract), contracts.price_check(price), *counters])
    except dynamodb.TransactionFailed as failed:
        if failed.reasons[0]:
            return batch_from(failed.reasons[0])
        raise NotFound from None
    return batch


def store(codes: Sequence[Code]) -> list[Code]:
    """Write codes of one batch, a hundred at a time. Return those that another number or batch has already: their numbers need new ones.

    A number's existing code is never overwritten, so that a repeated step undoes no use.
    """
    taken: list[Code] = []
    shared = _shared(codes[0]) if codes else {}
    for first in range(0, len(codes), MOST_IN_A_TRANSACTION):
        hundred = codes[first : first + MOST_IN_A_TRANSACTION]
        once = {code.code: code for code in reversed(hundred)}
        taken += [code for code in hundred if once[code.code] is not code]  # No transaction writes one code twice.
        taken += _store(list(once.values()), shared)
    return taken


def _store(codes: Sequence[Code], shared: Item) -> list[Code]:
    """Write up to a hundred codes in one transaction. When some cannot be written, write the others."""
    try:
        dynamodb.transact([_put(code, shared) for code in codes])
    except dynamodb.TransactionFailed as failed:
        found = list(zip(codes, failed.reasons, strict=True))
        taken = [code for code, old in found if old is not None and not _of_this_number(code, old)]
        missing = [code for code, old in found if old is None]
        return taken + (_store(missing, shared) if missing else [])
    return []


def _of_this_number(code: Code, old: Item) -> bool:
    return old.get("batch") == stored(code.batch) and old.get("place") == stored(code.number)


def _shared(code: Code) -> Item:
    """Return the attributes that all codes of a batch share, built once."""
    whole = code_item(code)
    return {name: value for name, value in whole.items() if name not in {"pk", "place", "listed_at"}}


def _put(code: Code, shared: Item) -> dict[str, Any]:
    of_code = {"pk": stored(f"{code.org}#{code.code}"), "place": stored(code.number), "listed_at": stored(listed_at(code))}
    return dynamodb.put_write(config().codes_table, {**shared, **of_code}, NEW)


def assign(
    code: Code,
    contract: Contract,
    price: ContractPrice,
    participant: ContractParticipant,
    counted: figures.CodeCounts,
    *,
    request: str,
    now: datetime,
) -> str:
    """Write a code and assign it to a participant. Return it, or the one that the same request issued before.

    Raises CodeExists, and NotFound when contract, price or participant is gone.
    """
    forget_at = int((now + REQUEST_KNOWN).timestamp())
    note = {**keys.issued(code.org, request).stored(), "code": stored(code.code), "forget_at": stored(forget_at)}
    puts = [dynamodb.put_write(config().memory_table, note, NEW), dynamodb.put_write(config().codes_table, code_item(code), NEW)]
    checks = [contracts.codes_write(contract), contracts.price_check(price), contracts.assign_write(participant, code.code)]
    try:
        dynamodb.transact([*puts, *checks, *figures.code_writes(code.org, contract.id, counted)])
    except dynamodb.TransactionFailed as failed:
        before, existing, *_ = failed.reasons
        if before:
            return str(before["code"]["S"])
        if existing:
            raise CodeExists from None
        raise NotFound from None
    return code.code
