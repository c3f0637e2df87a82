"""Imports: a CSV file is checked as a whole, its changes are previewed, and a job completes it."""

from chalicelib.operations.imports.check import ImportView, check_file, latest_imports, read_import
from chalicelib.operations.imports.complete import complete, import_rows
from chalicelib.operations.imports.export import PARTICIPANTS_CSV, export_participants
from chalicelib.operations.imports.participants import with_codes
from chalicelib.operations.imports.upload import prepare_upload, uploaded_file
