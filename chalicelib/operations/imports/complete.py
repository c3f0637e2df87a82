"""Completes an import as a job: only the file that was checked, and only on the data that it was checked against."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.operations.imports.check import compared
from chalicelib.operations.imports.kinds import KINDS
from chalicelib.rules.imports.csv_reader import read
from chalicelib.rules.imports.imports import STEP, Import
from chalicelib.rules.imports.refusals import DataChanged, HasIssues
from chalicelib.rules.jobs import Failure, Job
from chalicelib.tables import files, imports
from chalicelib.tables.retries import own_deadline


def complete(org: str, import_id: str, *, by: str, now: datetime) -> str:
    """Start the job that applies the import and return its id, the same for a repeated call.

    Raises NotFound, HasIssues, FileGone, DataChanged if the stored data has changed since the check.
    """
    with own_deadline():
        made = imports.get(org, import_id)
        if made.issues:
            raise HasIssues(made.issues)
        if made.status == "valid":
            _check_unchanged(made)
            made = imports.begin(made, derived("import", org, made.id))
        if made.status == "completing":
            jobs.start(_job(made, by, now))
    return made.job


def import_rows(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Apply the rows of one step and return the failed ones. A repeated step changes nothing. The last step closes the import."""
    made = imports.get(job.org, job.data["import"])
    kind = KINDS[made.kind]
    tried = [(change, kind.apply(made, change, now)) for change in files.changes(made, map(int, items))]
    if job.done + len(items) >= job.total:
        imports.finish(made)
    return [Failure(f"row {change.row}", reason) for change, reason in tried if reason]


def _check_unchanged(made: Import) -> None:
    found = compared(made, read(files.content(made)))
    if found.digest() != made.data:
        raise DataChanged


def _job(made: Import, by: str, now: datetime) -> Job:
    return Job(
        org=made.org,
        id=made.job,
        kind="import",
        total=made.todo,
        by=by,
        created_at=now,
        moved_at=now,
        counted=STEP,
        data={"import": made.id, "contract": made.contract},
    )
