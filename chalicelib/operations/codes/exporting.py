"""A contract's codes as a table for spreadsheets."""

from datetime import datetime

from chalicelib.operations.codes.reading import every_code
from chalicelib.rules.codes import Code, grouped
from chalicelib.rules.csv_cells import written
from chalicelib.rules.money import decimal
from chalicelib.rules.times import written as moment
from chalicelib.tables.requests import own_patience

HEADER = (
    "Invitation Code",
    "Readable",
    "State",
    "Price Code",
    "Label",
    "Price",
    "Currency",
    "Redeemed",
    "Max Redemptions",
    "Participant",
    "Note",
    "Expires At",
    "Created At",
)


def export_codes(org: str, contract_id: str, *, batch: str = "", now: datetime) -> str:
    """Return all codes of a contract, or of one batch, as CSV, latest first. Raises NotFound."""
    contract, found = every_code(org, contract_id, batch=batch)
    with own_patience():
        return written(HEADER, (_row(code, contract.prefix, now) for code in found))


def _row(code: Code, prefix: str, now: datetime) -> tuple[object, ...]:
    return (
        code.code,
        grouped(code.code, prefix),
        code.state(now),
        code.price.code,
        code.price.label,
        decimal(code.price.money),
        code.price.currency,
        code.redeemed,
        code.max_redemptions,
        code.participant,
        code.note,
        moment(code.expires_at) if code.expires_at else "",
        moment(code.created_at),
    )
