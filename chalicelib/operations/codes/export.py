"""The CSV export of a contract's codes."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.operations.audit import record_act
from chalicelib.operations.exports import Exported, ExportedRows, ExportKind, ExportRequest, export, write_part
from chalicelib.rules.codes import Code, grouped
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.money import decimal
from chalicelib.rules.times import written as moment
from chalicelib.rules.translation import N_
from chalicelib.tables import codes, contracts
from chalicelib.tables.items import Item

HEADER = (
    N_("Invitation Code"),
    N_("Readable"),
    N_("State"),
    N_("Price Code"),
    N_("Label"),
    N_("Price"),
    N_("Currency"),
    N_("Redeemed"),
    N_("Max Redemptions"),
    N_("Participant"),
    N_("Note"),
    N_("Expires At"),
    N_("Created At"),
)
NAME = "codes.csv"


def export_codes(org: str, contract_id: str, *, batch: str = "", locale: str = "en", by: str, now: datetime) -> Exported:
    """Export all codes of a contract, or of one batch, as CSV, latest first. A job writes more than 10,000 codes. Raises NotFound."""
    contract = contracts.get(org, contract_id)
    if batch:
        codes.batch(org, contract_id, batch)
    record_act(org, "codes.exported", contract.id, now=now)
    return export(CODES, ExportRequest(org, {"contract": contract.id, "batch": batch}, locale, now), by=by)


def write_export(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    return write_part(CODES, job, items, now)


def _read(request: ExportRequest, _columns: Sequence[str], start: Item | None, limit: int) -> ExportedRows:
    org, contract_id, batch = request.org, request.of["contract"], request.of["batch"]
    contract, of_batch = contracts.get(org, contract_id), codes.batch(org, contract_id, batch) if batch else None
    found, next_start = codes.full_page(org, contract_id, batch=of_batch, limit=limit, start=start)
    return ExportedRows([_row(code, contract.prefix, request.now) for code in found], (), next_start)


def _count(request: ExportRequest) -> int:
    contract, batch = request.of["contract"], request.of["batch"]
    return codes.batch(request.org, contract, batch).quantity if batch else codes.count(request.org, contract)


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


CODES = ExportKind("codes_table", NAME, HEADER, _read, _count)
