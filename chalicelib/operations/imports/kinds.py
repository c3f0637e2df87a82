"""What one kind of import knows of its things; the machinery asks nothing else."""

from datetime import datetime
from typing import Protocol

from chalicelib.operations.imports.customers import CUSTOMERS
from chalicelib.operations.imports.participants import PARTICIPANTS
from chalicelib.rules.imports.imports import Change, Comparison, Import, ImportKind
from chalicelib.rules.imports.reading import Table


class Importing(Protocol):
    def compare(self, made: Import, table: Table) -> Comparison:
        """Hold the table against what is stored now: every issue, and what each row would change. Raises NotFound."""

    def apply(self, made: Import, change: Change, now: datetime) -> str:
        """Do what a row wants, and return why it could not be done in one word, else nothing. It may be done again."""


KINDS: dict[ImportKind, Importing] = {"customers": CUSTOMERS, "participants": PARTICIPANTS}
