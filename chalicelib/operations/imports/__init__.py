"""Imports: a CSV file is checked as a whole, shown as what it would change, and completed as a job."""

from chalicelib.operations.imports.checking import ImportView, check_file, latest_imports, read_import
from chalicelib.operations.imports.completing import complete, import_rows
from chalicelib.operations.imports.exporting import PARTICIPANTS_CSV, export_participants
from chalicelib.operations.imports.participants import with_codes
from chalicelib.operations.imports.uploading import offer_upload, uploaded_file

__all__ = [
    "PARTICIPANTS_CSV",
    "ImportView",
    "check_file",
    "complete",
    "export_participants",
    "import_rows",
    "latest_imports",
    "offer_upload",
    "read_import",
    "uploaded_file",
    "with_codes",
]
