"""A contract's codes as a table for spreadsheets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.rules.codes import Code, grouped
from chalicelib.rules.csv_cells import continued, written
from chalicelib.rules.jobs import Failure, Job, too_old
from chalicelib.rules.money import decimal
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.times import written as moment
from chalicelib.tables import codes, contracts, long_tables
from chalicelib.tables.items import Item
from chalicelib.tables.long_tables import Stretch
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


AT_ONCE = 10_000
"""So many codes are written within the time of one request. More are written by a job, so many in each of its steps."""
FRESH = timedelta(minutes=10)
"""For so long after it was made, a file is what somebody gets who asks once more."""
NAME = "codes.csv"


class Exported(NamedTuple):
    """A table of codes: as text; or a link to it; or the job that makes it first."""

    text: str = ""
    link: str = ""
    job: str = ""


def export_codes(org: str, contract_id: str, *, batch: str = "", by: str, now: datetime) -> Exported:
    """Return all codes of a contract, or of one batch, as CSV, latest first. Many of them are written by a job. Raises NotFound."""
    contract, of_batch = contracts.get(org, contract_id), codes.batch(org, contract_id, batch) if batch else None
    many = of_batch.quantity if of_batch else sum(one.quantity for one in codes.batches(org, contract_id))
    if many <= AT_ONCE:
        with own_patience():
            found, more = codes.stretch(org, contract_id, batch=of_batch, limit=AT_ONCE, start=None)
            if not more:
                return Exported(text=written(HEADER, [_row(code, contract.prefix, now) for code in found]))
            many = codes.count(org, contract_id)  # Codes of participants are in no batch.
    return _as_file(org, contract_id, batch, many, by=by, now=now)


def write_table(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Write the codes of one step of a table's job; the last step writes all that are left and joins them."""
    number, last = job.done // AT_ONCE, job.done + len(items) >= job.total
    stretch = _next(job, number, now)
    while last and stretch.place:
        more = _stretch(job, stretch.place, now)
        stretch = Stretch(stretch.text + more.text, more.place)
    long_tables.keep(job.org, job.id, number, stretch)
    if last:
        long_tables.join(job.org, job.id, number + 1)
    return []


def _as_file(org: str, contract: str, batch: str, many: int, *, by: str, now: datetime) -> Exported:
    """Return the link to the file, the job that makes it, or that begins to: two who ask at once ask for the same."""
    was = codes.table_of(org, contract, batch)
    standing = _standing(org, was, now)
    if standing:
        return Exported(job=standing.id) if standing.open else Exported(link=long_tables.link_to(org, standing.id, NAME))
    own, data = derived("codes_table", org, contract, batch, was), {"contract": contract, "batch": batch}
    jobs.start(Job(org, own, "codes_table", many, by, created_at=now, moved_at=now, data=data, counted=AT_ONCE))
    codes.name_table(org, contract, batch, own, was=was)
    return Exported(job=own)


def _standing(org: str, own: str, now: datetime) -> Job | None:
    """Return the job that makes the file, or has made it lately; None when it is to be made anew."""
    try:
        job = jobs.read_job(org, own)
    except NotFound:
        return None
    if job.open:
        return None if too_old(job, now) else job
    return job if job.status == "done" and job.ended_at and now - job.ended_at < FRESH else None


def _next(job: Job, number: int, now: datetime) -> Stretch:
    """Return the stretch of this number; an empty one once the list is over."""
    if number == 0:
        return _stretch(job, None, now)
    before = long_tables.read(job.org, job.id, number - 1)
    return _stretch(job, before.place, now) if before.place else Stretch("", None)


def _stretch(job: Job, place: Item | None, now: datetime) -> Stretch:
    contract_id, batch = str(job.data["contract"]), str(job.data["batch"])
    contract, of_batch = contracts.get(job.org, contract_id), codes.batch(job.org, contract_id, batch) if batch else None
    with own_patience():
        found, following = codes.stretch(job.org, contract_id, batch=of_batch, limit=AT_ONCE, start=place)
    rows = [_row(code, contract.prefix, now) for code in found]
    return Stretch(continued(rows) if place else written(HEADER, rows), following)


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
