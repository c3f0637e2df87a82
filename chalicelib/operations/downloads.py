"""CSV downloads: a file too large for an answer is fetched from the bucket by a signed link."""

import json

from chalicelib.tables import files

MOST_BYTES = 4_500_000
"""Lambda answers at most 6 MB of JSON, in which the CSV text is one string."""


def link_if_large(org: str, table: str, name: str) -> str | None:
    """Store the CSV text if it is too large for an answer and return a link to it, valid for a minute; None otherwise."""
    return files.link_to(org, table, name) if len(json.dumps(table)) > MOST_BYTES else None
