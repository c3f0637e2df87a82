"""An import begins as a file: it is read, held against what is stored, and kept with everything that was found. Nothing changes yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.operations.identity import derived
from chalicelib.operations.imports.kinds import KINDS
from chalicelib.rules.imports.imports import Change, Comparison, Import, ImportKind, counted, kept_of
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.imports.reading import Table, read
from chalicelib.rules.imports.refusals import FileGone
from chalicelib.tables import files, imports
from chalicelib.tables.requests import own_patience


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import with what was read in its file, as long as that is kept.

    `again`: a file was checked before under the same key, maybe another one.
    """

    made: Import
    issues: Sequence[Issue]
    todo: Sequence[Change]
    again: bool = False
    of_another_file: bool = False


def check_file(
    org: str, content: bytes, *, kind: ImportKind, contract: str = "", width: int = 0, by: str, key: str, now: datetime
) -> ImportView:
    """Return what the file would do, or everything that is wrong with it. A retry under the same key is answered what was found first.

    Raises NotFound for a contract that is not there, and the refusals of files that cannot be read; then nothing is kept.
    """
    with own_patience():
        return _check_file(org, content, kind=kind, contract=contract, width=width, by=by, key=key, now=now)


def read_import(org: str, import_id: str) -> ImportView:
    """Return the import. Raises NotFound."""
    return _viewed(imports.get(org, import_id))


def latest_imports(org: str, *, contract: str = "", limit: int) -> list[Import]:
    """Return the latest imports into a contract, or of customers, latest first."""
    return imports.page(org, contract, limit=limit)


def compared(made: Import, table: Table) -> Comparison:
    """Hold the table against what is stored now."""
    return KINDS[made.kind].compare(made, table)


def _check_file(org: str, content: bytes, *, kind: ImportKind, contract: str, width: int, by: str, key: str, now: datetime) -> ImportView:
    own = derived("import", org, kind, contract, key)
    before = imports.find(org, own)
    if before:
        return replace(_viewed(before), again=True, of_another_file=before.file != files.digest(content))
    table = read(content)
    asked = Import(
        org=org,
        id=own,
        kind=kind,
        status="valid",
        by=by,
        created_at=now,
        file=files.digest(content),
        encoding=table.encoding,
        data="",
        issues=0,
        contract=contract,
        width=width,
    )
    found = compared(asked, table)
    made = replace(
        asked,
        status="invalid" if found.issues else "valid",
        data=found.digest(),
        issues=len(found.issues),
        changes=counted(found.changes),
    )
    files.keep(made, content, kept_of(found))
    return _viewed(imports.create(made))


def _viewed(made: Import) -> ImportView:
    try:
        checked = files.checked(made)
    except FileGone:
        return ImportView(made, [], [])
    return ImportView(made, checked.issues, checked.todo)
