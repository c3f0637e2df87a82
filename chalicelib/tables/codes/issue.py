"""New codes: written only under unused keys, so that a code is unique in its organisation. A repeated step finds its own codes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from chalicelib.config import config
from chalicelib.rules.codes import Batch, Code
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import contracts, dynamodb, figures, keys
from chalicelib.tables.codes.rows import DIGITS, batch_from, batch_item, code_item, listed_since
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


def store(blank: Code, texts: Mapping[int, str]) -> list[int]:
    """Write codes of one batch, a hundred at a time: `blank` with each number and its text.

    Return the numbers whose text another number or batch has already: they need new ones. A number's existing code is never overwritten,
    so that a repeated step undoes no use.
    """
    row, numbers = _row(blank), list(texts)
    taken: list[int] = []
    for first in range(0, len(numbers), MOST_IN_A_TRANSACTION):
        hundred = numbers[first : first + MOST_IN_A_TRANSACTION]
        once = {texts[number]: number for number in reversed(hundred)}
        taken += [number for number in hundred if once[texts[number]] != number]  # No transaction writes one code twice.
        taken += _store({number: row(number, text) for text, number in once.items()})
    return taken


def _store(rows: Mapping[int, Item]) -> list[int]:
    """Write up to a hundred rows in one transaction. When some cannot be written, write the others."""
    put = dynamodb.put_write(config().codes_table, {}, NEW)["Put"]
    try:
        dynamodb.transact([{"Put": {**put, "Item": row}} for row in rows.values()])
    except dynamodb.TransactionFailed as failed:
        found = list(zip(rows, failed.reasons, strict=True))
        taken = [number for number, old in found if old is not None and not _of_this_number(rows[number], old)]
        missing = {number: rows[number] for number, old in found if old is None}
        return taken + (_store(missing) if missing else [])
    return []


def _of_this_number(row: Item, old: Item) -> bool:
    return all(old.get(name) == row.get(name) for name in ("batch", "place"))


def _row(blank: Code) -> Callable[[int, str], Item]:
    """Return what makes a code's row from its number and text. All else the codes of a batch share, so it is built once."""
    shared, key, listed = code_item(blank), f"{blank.org}#", listed_since(blank)

    def row(number: int, text: str) -> Item:
        return {**shared, "pk": stored(key + text), "place": stored(number), "listed_at": stored(f"{listed}{number:0{DIGITS}d}#")}

    return row


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
