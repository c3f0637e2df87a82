"""The CSV export of a contract's codes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.operations import jobs
from chalicelib.operations.audit import record_act
from chalicelib.operations.headings import headings
from chalicelib.operations.identity import derived
from chalicelib.rules.codes import Code, grouped
from chalicelib.rules.csv_export import csv_rows, csv_text
from chalicelib.rules.jobs import Failure, Job, is_too_old
from chalicelib.rules.money import decimal
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.times import written as moment
from chalicelib.rules.translation import N_
from chalicelib.tables import codes, contracts, export_files
from chalicelib.tables.export_files import FilePart
from chalicelib.tables.items import Item
from chalicelib.tables.patience import own_patience

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


AT_ONCE = 10_000
"""The most codes written within one request. A job writes more, this many in each step."""
FRESH = timedelta(minutes=10)
"""How long a finished file is reused for further requests."""
NAME = "codes.csv"


class Exported(NamedTuple):
    """A CSV export: its text, a link to its file, or the id of the job that writes the file."""

    text: str = ""
    link: str = ""
    job: str = ""


def export_codes(org: str, contract_id: str, *, batch: str = "", locale: str = "en", by: str, now: datetime) -> Exported:
    """Export all codes of a contract, or of one batch, as CSV, latest first. A job writes more than 10,000 codes. Raises NotFound."""
    contract, of_batch = contracts.get(org, contract_id), codes.batch(org, contract_id, batch) if batch else None
    record_act(org, "codes.exported", contract.id, now=now)
    many = of_batch.quantity if of_batch else sum(one.quantity for one in codes.batches(org, contract_id))
    if many <= AT_ONCE:
        with own_patience():
            found, more = codes.full_page(org, contract_id, batch=of_batch, limit=AT_ONCE, start=None)
            if not more:
                return Exported(text=csv_text(headings(HEADER, locale), [_row(code, contract.prefix, now) for code in found]))
            many = codes.count(org, contract_id)  # Codes issued to participants belong to no batch, so the batches alone give too few.
    return _as_file(org, contract_id, batch, many, locale=locale, by=by, now=now)


def write_export(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Write the codes of one step of an export job. The last step also writes codes added meanwhile, and joins the parts."""
    number, last = job.done // AT_ONCE, job.done + len(items) >= job.total
    stretch = _next(job, number, now)
    while last and stretch.place:
        more = _stretch(job, stretch.place, now)
        stretch = FilePart(stretch.text + more.text, more.place)
    export_files.keep(job.org, job.id, number, stretch)
    if last:
        export_files.join(job.org, job.id, number + 1)
    return []


def _as_file(org: str, contract: str, batch: str, many: int, *, locale: str, by: str, now: datetime) -> Exported:
    """Return the link to a recent file, or the job that writes one, started if needed. Concurrent requests share a job."""
    was = codes.export_job_of(org, contract, batch)
    standing = _job_of(org, was, locale, now)
    if standing:
        return Exported(job=standing.id) if standing.open else Exported(link=export_files.link_to(org, standing.id, NAME))
    id, data = derived("codes_table", org, contract, batch, was), {"contract": contract, "batch": batch, "locale": locale}
    jobs.start(Job(org, id, "codes_table", many, by, created_at=now, moved_at=now, data=data, counted=AT_ONCE))
    codes.record_export_job(org, contract, batch, id, was=was)
    return Exported(job=id)


def _job_of(org: str, id: str, locale: str, now: datetime) -> Job | None:
    """Return the job if it writes this language and is running or finished within `FRESH`; None if a new one is needed."""
    try:
        job = jobs.read_job(org, id)
    except NotFound:
        return None
    if job.data.get("locale", "en") != locale:
        return None
    if job.open:
        return None if is_too_old(job, now) else job
    return job if job.status == "done" and job.ended_at and now - job.ended_at < FRESH else None


def _next(job: Job, number: int, now: datetime) -> FilePart:
    """Return the part with this number, empty after the last code."""
    if number == 0:
        return _stretch(job, None, now)
    before = export_files.read(job.org, job.id, number - 1)
    return _stretch(job, before.place, now) if before.place else FilePart("", None)


def _stretch(job: Job, place: Item | None, now: datetime) -> FilePart:
    contract_id, batch = str(job.data["contract"]), str(job.data["batch"])
    contract, of_batch = contracts.get(job.org, contract_id), codes.batch(job.org, contract_id, batch) if batch else None
    with own_patience():
        found, following = codes.full_page(job.org, contract_id, batch=of_batch, limit=AT_ONCE, start=place)
    rows = [_row(code, contract.prefix, now) for code in found]
    return FilePart(csv_rows(rows) if place else csv_text(headings(HEADER, str(job.data.get("locale", "en"))), rows), following)


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
