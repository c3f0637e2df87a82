"""New codes: written only where there was none, so that none exists twice in an organisation; a repeated step meets its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.rules.codes import Batch, Code
from chalicelib.rules.contracts import Contract, ContractParticipant, Price
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import contracts, keys, requests
from chalicelib.tables.codes.rows import batch_from, batch_item, code_item, listed_at
from chalicelib.tables.items import Item, stored

NEW = "attribute_not_exists(pk)"
MOST_IN_A_TRANSACTION = 100
REQUEST_KNOWN = timedelta(days=2)


class CodeExists(Exception):
    """The code is another one's already: draw again."""


def begin_batch(batch: Batch, contract: Contract, price: Price) -> Batch:
    """Write a new batch under a contract and price that are there; return it, or the one that the same request began before.

    Raises NotFound when contract or price is gone.
    """
    put = {"TableName": settings().records_table, "Item": batch_item(batch), "ConditionExpression": NEW}
    try:
        requests.transact([{"Put": put}, contracts.issuing_write(contract), contracts.price_check(price)])
    except requests.TransactionFailed as failed:
        if failed.reasons[0]:
            return batch_from(failed.reasons[0])
        raise NotFound from None
    return batch


def store(codes: Sequence[Code]) -> list[Code]:
    """Write codes of one batch, a hundred at a time, and return those whose place needs another one: somebody else's looks the same.

    What a place has already stays as it is, whatever became of it: a step done again undoes no use.
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
    """Write up to a hundred in one transaction; when some cannot be, the others are."""
    try:
        requests.transact([{"Put": _put(code, shared)} for code in codes])
    except requests.TransactionFailed as failed:
        found = list(zip(codes, failed.reasons, strict=True))
        taken = [code for code, old in found if old is not None and not _of_this_place(code, old)]
        missing = [code for code, old in found if old is None]
        return taken + (_store(missing, shared) if missing else [])
    return []


def _of_this_place(code: Code, old: Item) -> bool:
    return old.get("batch") == stored(code.batch) and old.get("place") == stored(code.place)


def _shared(code: Code) -> Item:
    """Return what all codes of a batch have in common, made once."""
    whole = code_item(code)
    return {name: value for name, value in whole.items() if name not in {"pk", "place", "listed_at"}}


def _put(code: Code, shared: Item) -> dict[str, Any]:
    own = {"pk": stored(f"{code.org}#{code.code}"), "place": stored(code.place), "listed_at": stored(listed_at(code))}
    return {
        "TableName": settings().codes_table,
        "Item": {**shared, **own},
        "ConditionExpression": NEW,
    }


def assign(code: Code, contract: Contract, price: Price, participant: ContractParticipant, *, request: str, now: datetime) -> str:
    """Write a code for a participant and give it to them; return it, or the one that the same request made before.

    Raises CodeExists, and NotFound when contract, price or participant is gone.
    """
    forget_at = int((now + REQUEST_KNOWN).timestamp())
    note = {**keys.issued(code.org, request).stored(), "code": stored(code.code), "forget_at": stored(forget_at)}
    puts = [_new(settings().memory_table, note), _new(settings().codes_table, code_item(code))]
    checks = [contracts.issuing_write(contract), contracts.price_check(price), contracts.assign_write(participant, code.code)]
    try:
        requests.transact([*puts, *checks])
    except requests.TransactionFailed as failed:
        before, existing, *_ = failed.reasons
        if before:
            return str(before["code"]["S"])
        if existing:
            raise CodeExists from None
        raise NotFound from None
    return code.code


def _new(table: str, entry: Item) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": entry, "ConditionExpression": NEW}}
