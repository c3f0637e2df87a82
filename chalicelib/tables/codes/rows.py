"""Codes and batches as they are stored."""

from typing import Any

from chalicelib.rules import times
from chalicelib.rules.codes import Batch, Code, CodePrice, Use
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item, plain, stored

MOMENTS = ("created_at", "expires_at", "handed_out_at", "archived_at")
PLACES = 7


def known(entry: Item | None) -> Code | None:
    """Return the code that an item is; None when there is none, or when only the trace of a deleted one is left."""
    return code_from(entry) if entry and "listed" in entry else None


def code_from(entry: Item) -> Code:
    values = plain(entry)
    read: dict[str, Any] = {name: values[name] for name in Code.__dataclass_fields__ if name in values}
    org, _, code = values["pk"].partition("#")
    return Code(
        **{
            **read,
            **{name: times.read(values[name]) for name in MOMENTS if name in values},
            "org": org,
            "code": code,
            "price": CodePrice(**values["price"]),
            "uses": {own: Use(**use) for own, use in values["h"].items()},
        }
    )


def code_item(code: Code) -> Item:
    return {
        **keys.code(code.org, code.code).stored(),
        **item(
            {
                "listed": keys.under_contract(code.org, code.contract),
                "listed_at": listed_at(code),
                "contract": code.contract,
                "batch": code.batch or None,
                "place": code.place,
                "participant": code.participant or None,
                "price": price_values(code.price),
                "note": code.note or None,
                "max_redemptions": code.max_redemptions,
                "left": code.left,
                "h": {},
                "created_at": times.written(code.created_at),
                "expires_at": times.written(code.expires_at) if code.expires_at else None,
                "version": code.version,
            }
        ),
    }


def listed_at(code: Code) -> str:
    return f"{times.written(code.created_at)}#{code.batch}#{code.place:0{PLACES}d}#{code.code if not code.batch else ''}"


def price_values(price: CodePrice) -> dict[str, Any]:
    return {name: value for name, value in price._asdict().items() if value != ""}


def use_values(use: Use) -> dict[str, Any]:
    return stored(use._asdict())


def expression(code: Code, sets: list[str], removes: list[str] | None = None) -> tuple[str, Item]:
    """Return the change that leads to this code, with its values: what is named, its version, and its place in the batch's funnel."""
    values: Item = {":one": stored(1)}
    sets, removes = [*sets, "version = version + :one"], list(removes or [])
    reached = furthest(code)
    if code.batch and reached:
        sets.append("funnel = :funnel, funnel_at = :reached")
        values |= {":funnel": stored(f"{code.org}#{code.batch}"), ":reached": stored(f"{reached}#{code.code}")}
    elif code.batch:
        removes.append("funnel, funnel_at")
    return f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else ""), values


def furthest(code: Code) -> str:
    """Return how far it got in the funnel: C(ancelled), R(edeemed), H(anded out), or nothing yet."""
    if code.archived_at:
        return "C"
    if code.redeemed:
        return "R"
    return "H" if code.handed_out else ""


def batch_from(entry: Item) -> Batch:
    values = plain(entry)
    read: dict[str, Any] = {name: values[name] for name in Batch.__dataclass_fields__ if name in values}
    org, _, contract = values["pk"].partition("#contract#")
    return Batch(
        **{
            **read,
            "org": org,
            "contract": contract,
            "id": values["sk"].removeprefix(keys.BATCH),
            "price": CodePrice(**values["price"]),
            "created_at": times.read(values["created_at"]),
            "expires_at": times.read(values["expires_at"]) if "expires_at" in values else None,
        }
    )


def batch_item(batch: Batch) -> Item:
    return {
        **keys.batch(batch.org, batch.contract, batch.id).stored(),
        **item(
            {
                "quantity": batch.quantity,
                "width": batch.width,
                "prefix": batch.prefix,
                "price": price_values(batch.price),
                "seed": batch.seed,
                "by": batch.by,
                "max_redemptions": batch.max_redemptions,
                "note": batch.note,
                "job": batch.job,
                "created_at": times.written(batch.created_at),
                "expires_at": times.written(batch.expires_at) if batch.expires_at else None,
            }
        ),
    }
