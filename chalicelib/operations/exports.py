"""CSV exports of any length: a short one is the answer; a job writes a long one into the bucket, and a link leads to it.

The job writes a part in each step. A sheet may get more columns as it goes on, one for each custom field: earlier rows are widened at the
end.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.operations import jobs
from chalicelib.operations.headings import headings
from chalicelib.operations.identity import derived
from chalicelib.rules.csv_export import csv_rows, csv_text
from chalicelib.rules.jobs import Failure, Job, JobKind, is_too_old
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import export_files
from chalicelib.tables.export_files import FilePart
from chalicelib.tables.items import Item
from chalicelib.tables.jobs import export_job_of, record_export_job
from chalicelib.tables.retries import own_deadline

AT_ONCE = 10_000
"""The most rows written within one request. A job writes more, this many in each step."""
FRESH = timedelta(minutes=10)
"""How long a finished file is reused for further requests."""


class ExportRequest(NamedTuple):
    """An export to be made: rows of an organisation, which `of` picks, in a language."""

    org: str
    of: Mapping[str, str]
    locale: str
    now: datetime


class ExportedRows(NamedTuple):
    """Some rows of a sheet. `columns`: all named so far beyond those of every sheet. `next`: where it goes on; None at the end."""

    rows: Sequence[Sequence[object]]
    columns: Sequence[str]
    next: Item | None


class ExportKind(NamedTuple):
    """A kind of CSV file. `read` returns at most so many rows from a start key on, given the columns so far; `count` returns about how many
    there are in all."""

    kind: JobKind
    name: str
    header: Sequence[str]
    read: Callable[[ExportRequest, Sequence[str], Item | None, int], ExportedRows]
    count: Callable[[ExportRequest], int]


class Exported(NamedTuple):
    """A CSV export: its text, a link to its file, or the id of the job that writes the file."""

    text: str = ""
    link: str = ""
    job: str = ""


def export(sheet: ExportKind, request: ExportRequest, *, by: str) -> Exported:
    """Export the rows, or return the job that does, started if needed, or the link to a recent file. Equal requests share a job."""
    was = export_job_of(request.org, _content_id(sheet, request))
    recent = _recent_job(request, was)
    if recent:
        return Exported(job=recent.id) if recent.open else Exported(link=export_files.link_to(request.org, recent.id, sheet.name))
    with own_deadline():
        found = sheet.read(request, (), None, AT_ONCE)
        if found.next is None:
            return Exported(text=csv_text(headings(sheet.header, request.locale, found.columns), found.rows))
        return Exported(job=_begin(sheet, request, was, by))


def write_part(sheet: ExportKind, job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Write the rows of one step of an export job. The last step also writes rows added meanwhile, and joins the parts."""
    number, last = job.done // job.counted, job.done + len(items) >= job.total
    request = _request_of(job, now)
    part = _next(sheet, request, job, number)
    export_files.keep(job.org, job.id, number, part)
    while last and part.next_start:
        number, part = number + 1, _part(sheet, request, part, job.counted)
        export_files.keep(job.org, job.id, number, part)
    if last:
        export_files.join(job.org, job.id, number + 1, lambda columns: csv_text(headings(sheet.header, request.locale, columns), ()))
    return []


def _begin(sheet: ExportKind, request: ExportRequest, was: str, by: str) -> str:
    """Start the job that follows the one that was read, and return its id."""
    id = derived(sheet.kind, request.org, _content_id(sheet, request), was)
    data = {**request.of, "locale": request.locale}
    many = max(sheet.count(request), 1)
    jobs.start(Job(request.org, id, sheet.kind, many, by, created_at=request.now, moved_at=request.now, data=data, counted=AT_ONCE))
    record_export_job(request.org, _content_id(sheet, request), id, was=was)
    return id


def _recent_job(request: ExportRequest, id: str) -> Job | None:
    """Return the job if it is running or finished within `FRESH`; None if a new one is needed."""
    try:
        job = jobs.read_job(request.org, id)
    except NotFound:
        return None
    if job.open:
        return None if is_too_old(job, request.now) else job
    return job if job.status == "done" and job.ended_at and request.now - job.ended_at < FRESH else None


def _next(sheet: ExportKind, request: ExportRequest, job: Job, number: int) -> FilePart:
    """Return the part with this number, empty after the last row."""
    if number == 0:
        return _part(sheet, request, FilePart("", None, []), job.counted)
    before = export_files.read(job.org, job.id, number - 1)
    return _part(sheet, request, before, job.counted) if before.next_start else FilePart("", None, before.columns)


def _part(sheet: ExportKind, request: ExportRequest, before: FilePart, limit: int) -> FilePart:
    with own_deadline():
        found = sheet.read(request, before.columns or (), before.next_start, limit)
    return FilePart(csv_rows(found.rows), found.next, list(found.columns))


def _content_id(sheet: ExportKind, request: ExportRequest) -> str:
    return derived(sheet.kind, json.dumps([dict(request.of), request.locale], sort_keys=True))


def _request_of(job: Job, now: datetime) -> ExportRequest:
    data: dict[str, Any] = dict(job.data)
    return ExportRequest(job.org, data, data.pop("locale", "en"), now)
