"""The shapes of an import: its state, its issues and its changes; and where a large file is uploaded."""

from typing import Any

from chalicelib.api.responses import Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import imports
from chalicelib.rules.imports.charset import Encoding
from chalicelib.rules.imports.imports import ImportKind, ImportStatus, RowAction, RowChange
from chalicelib.web.locale import say

PREVIEWED = 50
"""So many rows that change a record does the preview show."""


class ImportIssueOut(Out):
    row: int
    """The row number in a spreadsheet: the header is row 1."""
    column: str
    value: str
    """The value; a long one is shortened to its beginning."""
    code: str
    detail: str


class ImportChangesOut(Out):
    create: int
    update: int
    unchanged: int


class RowChangeOut(Out):
    row: int
    change: RowAction
    name: str
    values: dict[str, Any]
    """The new value."""

    @classmethod
    def of(cls, change: RowChange) -> "RowChangeOut":
        return cls(row=change.row, change=change.action, name=change.name, values=change.values)


class ImportOut(Out):
    id: str
    kind: ImportKind
    contract: str | None
    status: ImportStatus
    encoding: Encoding
    """The encoding in which the file was read; Windows-1252 is a guess."""
    file: str
    """The SHA-256 of the file."""
    issues: list[ImportIssueOut]
    """In the order of rows, at most the first 10,000."""
    issues_total: int
    changes: ImportChangesOut
    """The changes by the rows without issues. Nothing changes before the import is completed."""
    preview: list[RowChangeOut]
    """The first rows that create or update a record."""
    job: str | None
    created_at: Moment

    @classmethod
    def of(cls, view: imports.ImportView, locale: str) -> "ImportOut":
        made = view.made
        return cls(
            id=made.id,
            kind=made.kind,
            contract=made.contract or None,
            status=made.status,
            encoding=made.encoding,
            file=made.file,
            issues=[ImportIssueOut(**{**issue._asdict(), "detail": say(issue.detail, locale)}) for issue in view.issues],
            issues_total=made.issues,
            changes=ImportChangesOut.model_validate(made.changes),
            preview=[RowChangeOut.of(change) for change in view.todo[:PREVIEWED]],
            job=made.job or None,
            created_at=made.created_at,
        )


class UploadOut(Out):
    upload: str
    url: str
    """Post the file to this URL within 15 minutes, as multipart/form-data: these fields first, then `file`. At most 20 MB."""
    fields: dict[str, str]
    put_url: str | None
    """Or put the bare file to this URL within 15 minutes. It takes exactly the `size` that was asked for, and is null without one."""
