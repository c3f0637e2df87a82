"""The stored form of codes and batches."""

from chalicelib.rules import times
from chalicelib.rules.codes import Batch, Code, CodePrice, Use
from chalicelib.tables import keys
from chalicelib.tables.codec import MICROSECONDS, Codec, Inner, names
from chalicelib.tables.conditions import Update
from chalicelib.tables.items import Item, item, plain

DIGITS = 7
USES = Codec(
    Use,
    attributes={"redemptions": "n", "session": "s", "nonce": "v", "tried_at": "at", "is_final": "f"},
    always=names(Use),
    forms={"tried_at": MICROSECONDS},
)
INNER: Inner = {Use: USES, CodePrice: Codec(CodePrice, missing={"label": ""})}
CODES = Codec(
    Code,
    attributes={"uses": "h", "number": "place"},
    elsewhere={"org", "code"},
    always={"max_redemptions", "number", "version"},
    inner=INNER,
)
BATCHES = Codec(Batch, elsewhere={"org", "contract", "id"}, always={"max_redemptions", "note", "job"}, inner=INNER)


def code_or_none(row: Item | None) -> Code | None:
    """Return the code in an item; None without an item, or for the trace of a deleted code."""
    return code_from(row) if row and "listed" in row else None


def code_from(row: Item) -> Code:
    values = plain(row)
    org, _, code = values["pk"].partition("#")
    return CODES.read(values, org=org, code=code)


def code_item(code: Code) -> Item:
    indexed = {"listed": keys.under_contract(code.org, code.contract), "listed_at": listed_at(code)}
    return {**keys.code(code.org, code.code).stored(), **item({**CODES.write(code), **indexed})}


def listed_at(code: Code) -> str:
    return f"{listed_since(code)}{code.number:0{DIGITS}d}#{code.code if not code.batch else ''}"


def listed_since(code: Code) -> str:
    """Return how `listed_at` begins for all codes of one batch."""
    return f"{times.written(code.created_at)}#{code.batch}#"


def with_version_and_stage(code: Code, change: Update) -> Update:
    """Return the change with the attributes that every change writes: the code's version, and its stage in the batch's funnel."""
    change = change.add(version=1)
    if not code.batch:
        return change
    reached = funnel_stage(code)
    if not reached:
        return change.remove("funnel", "funnel_at")
    return change.set(funnel=f"{code.org}#{code.batch}", funnel_at=f"{reached}#{code.code}")


def funnel_stage(code: Code) -> str:
    """Return the code's furthest stage in the funnel: C(ancelled), R(edeemed), H(anded out), or empty."""
    if code.archived_at:
        return "C"
    if code.redeemed:
        return "R"
    return "H" if code.handed_out else ""


def batch_from(row: Item) -> Batch:
    values = plain(row)
    org, _, contract = values["pk"].partition("#contract#")
    return BATCHES.read(values, org=org, contract=contract, id=values["sk"].removeprefix(keys.BATCH))


def batch_item(batch: Batch) -> Item:
    return {**keys.batch(batch.org, batch.contract, batch.id).stored(), **item(BATCHES.write(batch))}
