"""Checks an import: reads the file, compares it with the stored data, and stores every issue and change. Nothing else is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.operations.headings import in_english
from chalicelib.operations.identity import derived
from chalicelib.operations.imports.kinds import KINDS
from chalicelib.rules.imports.csv_reader import Sheet, read
from chalicelib.rules.imports.imports import Comparison, Import, ImportKind, RowChange, checked_from, counted
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.imports.refusals import FileGone
from chalicelib.tables import files, imports
from chalicelib.tables.retries import own_deadline


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import with its issues and changes, as long as its file is kept.

    `again`: the key was used before; `of_another_file`: with a different file.
    """

    made: Import
    issues: Sequence[Issue]
    todo: Sequence[RowChange]
    again: bool = False
    of_another_file: bool = False


def check_file(
    org: str, content: bytes, *, kind: ImportKind, contract: str = "", width: int = 0, by: str, key: str, now: datetime
) -> ImportView:
    """Check a file and store its changes, or all of its issues. A retry with the same key returns the first result.

    Raises NotFound for an unknown contract, and the refusals of unreadable files, which store nothing.
    """
    with own_deadline():
        return _check_file(org, content, kind=kind, contract=contract, width=width, by=by, key=key, now=now)


def read_import(org: str, import_id: str) -> ImportView:
    """Return the import. Raises NotFound."""
    return _viewed(imports.get(org, import_id))


def latest_imports(org: str, *, contract: str = "", limit: int) -> list[Import]:
    """Return the latest imports into a contract, or of customers, latest first."""
    return imports.page(org, contract, limit=limit)


def compared(made: Import, sheet: Sheet) -> Comparison:
    """Compare the sheet, whose headings may be in any language, with the stored data. Issues name the columns as the file does."""
    import_kind = KINDS[made.kind]
    english, renamed = in_english(sheet, import_kind.columns)
    found = import_kind.compare(made, english)
    return found._replace(issues=[issue._replace(column=renamed.get(issue.column, issue.column)) for issue in found.issues])


def _check_file(org: str, content: bytes, *, kind: ImportKind, contract: str, width: int, by: str, key: str, now: datetime) -> ImportView:
    id = derived("import", org, kind, contract, key)
    before = imports.find(org, id)
    if before:
        return replace(_viewed(before), again=True, of_another_file=before.file != files.digest(content))
    sheet = read(content)
    blank = Import(
        org=org,
        id=id,
        kind=kind,
        status="valid",
        by=by,
        created_at=now,
        file=files.digest(content),
        encoding=sheet.encoding,
        data="",
        issues=0,
        contract=contract,
        width=width,
    )
    found = compared(blank, sheet)
    made = replace(
        blank,
        status="invalid" if found.issues else "valid",
        data=found.digest(),
        issues=len(found.issues),
        changes=counted(found.changes),
    )
    files.keep(made, content, checked_from(found))
    return _viewed(imports.create(made))


def _viewed(made: Import) -> ImportView:
    try:
        checked = files.checked(made)
    except FileGone:
        return ImportView(made, [], [])
    return ImportView(made, checked.issues, checked.todo)
