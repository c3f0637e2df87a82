"""The kinds of import: what differs between customers and participants."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.operations.imports.customers import CUSTOMERS
from chalicelib.operations.imports.participants import PARTICIPANTS
from chalicelib.rules.imports.csv_reader import Sheet
from chalicelib.rules.imports.imports import Comparison, Import, ImportKind, RowChange


class ImportOperations(Protocol):
    @property
    def columns(self) -> Sequence[str]:
        """The columns that it knows, by their English headings."""

    def compare(self, made: Import, sheet: Sheet) -> Comparison:
        """Compare the sheet with the stored data: all issues, and the change of each row. Raises NotFound."""

    def apply(self, made: Import, change: RowChange, now: datetime) -> str:
        """Apply the change of a row and return the reason of a failure, empty on success. Safe to repeat."""


KINDS: dict[ImportKind, ImportOperations] = {"customers": CUSTOMERS, "participants": PARTICIPANTS}
