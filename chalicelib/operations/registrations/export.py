"""The CSV export of the orders: registrations of all sessions."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.operations.audit import record_act
from chalicelib.operations.exports import Exported, ExportedRows, ExportKind, ExportRequest, export, write_part
from chalicelib.operations.sessions.export import ORDER, order_row
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.registrations import Registration
from chalicelib.tables import organisations, registrations, sessions, usage
from chalicelib.tables.items import Item

LONGEST_PAGE = 500
NAME = "orders.csv"


def export_orders(org: str, *, status: str, locale: str = "en", by: str, now: datetime) -> Exported:
    """Export these registrations as CSV, latest first; empty `status` for all. A job writes more than 10,000.

    Times are in the organisation's time zone.
    """
    record_act(org, "orders.exported", now=now)
    return export(ORDERS, ExportRequest(org, {"status": status}, locale, now), by=by)


def write_export(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    return write_part(ORDERS, job, items, now)


def _read(request: ExportRequest, _columns: Sequence[str], start: Item | None, limit: int) -> ExportedRows:
    zone, found = organisations.get(request.org).time_zone, list[Registration]()
    while True:
        wanted = min(LONGEST_PAGE, limit - len(found))
        page, start = registrations.orders(request.org, status=request.of["status"], limit=wanted, start=start)
        found += page
        if not start or len(found) >= limit:
            break
    booked = sessions.several(request.org, {registration.session for registration in found})
    return ExportedRows([order_row(registration, booked.get(registration.session), zone) for registration in found], (), start)


def _count(request: ExportRequest) -> int:
    return usage.count_registrations(request.org)


ORDERS = ExportKind("orders_table", NAME, ORDER, _read, _count)
