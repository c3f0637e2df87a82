"""Why a file as a whole cannot be read, and why an import cannot be completed. What is wrong with a row is an issue instead."""

from chalicelib.rules.refusals import Refusal, marked

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 50
MOST_CHARACTERS = 2_000


class FileTooLarge(Refusal):
    code = "file_too_large"
    sentence = marked("The file is larger than 20 MB. Split it into several files.")


class TooManyRows(Refusal):
    code = "too_many_rows"
    sentence = marked("The file has more than 10,000 rows. Split it into several files.")


class TooManyColumns(Refusal):
    """Found in the header, or in a row that goes on beyond any sheet."""

    code = "too_many_columns"
    sentence = marked("Row %(row)d has too many columns: there can be 50. Delete those that are not needed.")

    def __init__(self, row: int) -> None:
        self.row = row


class EndlessCell(Refusal):
    """A cell beyond all bounds. One that is only too long is an issue of its row."""

    code = "cell_too_long"
    sentence = marked("Row %(row)d has a cell of far more than 2,000 characters, or a quotation mark that is never closed. Correct it.")

    def __init__(self, row: int) -> None:
        self.row = row


class MalformedCsv(Refusal):
    code = "malformed_csv"
    sentence = marked("The quotation marks in row %(row)d do not fit together. Save the file again as CSV, or correct that row.")

    def __init__(self, row: int) -> None:
        self.row = row


class EmptyFile(Refusal):
    code = "empty_file"
    sentence = marked("There is nothing in this file. Its first row must name the columns.")


class NotCsv(Refusal):
    code = "not_csv"
    sentence = marked("This is a workbook and not a CSV file. Open it in your spreadsheet and save it as “CSV UTF-8”.")


class NulCharacters(Refusal):
    code = "nul_characters"
    sentence = marked("This file is no text: it has NUL characters. Open it in your spreadsheet and save it as “CSV UTF-8”.")


class UnknownEncoding(Refusal):
    code = "unknown_encoding"
    sentence = marked("The letters of this file cannot be read. Open it in your spreadsheet and save it as “CSV UTF-8”.")


class HasIssues(Refusal):
    """Nothing is imported while any issue stands."""

    code = "has_issues"
    sentence = marked("The file has issues: %(issues)d. Correct them in the file and upload it again; nothing has been imported.")

    def __init__(self, issues: int) -> None:
        self.issues = issues


class DataChanged(Refusal):
    """What is stored is no longer what the file was compared with."""

    code = "data_changed"
    sentence = marked(
        "What is stored has changed since this file was checked, and nothing was imported. Upload the file again to compare anew."
    )


class FileGone(Refusal):
    code = "file_gone"
    sentence = marked("Files are kept for 30 days, and this one is no longer here. Upload it again.")
