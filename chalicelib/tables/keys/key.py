"""A primary key, and DynamoDB's limits for its length."""

from typing import NamedTuple

from chalicelib.rules.refusals import NotFound

MOST_BYTES_OF_PK, MOST_BYTES_OF_SK = 2048, 1024
"""DynamoDB's limits in bytes. No item can exist under a longer key."""


class Key(NamedTuple):
    """A primary key. Messages and Memory have no `sk`."""

    pk: str
    sk: str = ""

    def stored(self) -> dict[str, dict[str, str]]:
        """Return the key in DynamoDB's form. Raises NotFound for a key above DynamoDB's limits, which cannot exist."""
        check_length(self.pk, MOST_BYTES_OF_PK)
        check_length(self.sk, MOST_BYTES_OF_SK)
        return {"pk": {"S": self.pk}, **({"sk": {"S": self.sk}} if self.sk else {})}


def check_length(part: str, most: int) -> None:
    if len(part.encode()) > most:
        raise NotFound
