"""Refusals of a file as a whole, and of completing an import. Faults of single rows are issues instead."""

from chalicelib.rules.refusals import Conflict, Gone, Invalid
from chalicelib.rules.translation import N_

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 300
MOST_CHARACTERS = 2_000


class FileTooLarge(Invalid):
    code = "file_too_large"
    sentence = N_("The file is larger than 20 MB. Split it into several files.")


class TooManyRows(Invalid):
    code = "too_many_rows"
    sentence = N_("The file has more than 10,000 rows. Split it into several files.")


class TooManyColumns(Invalid):
    """The header, or a row, has more columns than any sheet."""

    code = "too_many_columns"
    sentence = N_("Row %(row)d has too many columns: there can be 300. Delete those that are not needed.")

    def __init__(self, row: int) -> None:
        self.row = row


class CellTooLong(Invalid):
    """A cell is too long to be read at all. A cell above its column's limit is an issue of its row."""

    code = "cell_too_long"
    sentence = N_("Row %(row)d has a cell of far more than 2,000 characters, or a quotation mark that is never closed. Correct it.")

    def __init__(self, row: int) -> None:
        self.row = row


class MalformedCsv(Invalid):
    code = "malformed_csv"
    sentence = N_("The quotation marks in row %(row)d do not fit together. Save the file again as CSV, or correct that row.")

    def __init__(self, row: int) -> None:
        self.row = row


class EmptyFile(Invalid):
    code = "empty_file"
    sentence = N_("This file is empty. Name the columns in its first row.")


class NotCsv(Invalid):
    code = "not_csv"
    sentence = N_("This is a workbook and not a CSV file. Open it in your spreadsheet and save it as “CSV UTF-8”.")


class NulCharacters(Invalid):
    code = "nul_characters"
    sentence = N_("This file is no text: it has NUL characters. Open it in your spreadsheet and save it as “CSV UTF-8”.")


class UnknownEncoding(Invalid):
    code = "unknown_encoding"
    sentence = N_("The letters of this file cannot be read. Open it in your spreadsheet and save it as “CSV UTF-8”.")


class HasIssues(Conflict):
    """The file has issues, so nothing is imported."""

    code = "has_issues"
    sentence = N_("The file has issues: %(issues)d. Correct them in the file and upload it again; nothing has been imported.")

    def __init__(self, issues: int) -> None:
        self.issues = issues


class DataChanged(Conflict):
    """The stored data changed since the file was compared with them."""

    code = "data_changed"
    sentence = N_(
        "What is stored has changed since this file was checked, and nothing was imported. Upload the file again to compare anew."
    )


class FileGone(Gone):
    code = "file_gone"
    sentence = N_("Files are kept for 30 days, and this one is no longer here. Upload it again.")
