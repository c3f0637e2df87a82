"""Tables to download: what is too large for an answer is fetched by a link."""

import json

from chalicelib.tables import files

MOST_BYTES = 4_500_000
"""What Lambda can answer is 6 MB of JSON, in which the table is one string."""


def link_if_large(org: str, table: str, name: str) -> str | None:
    """Return a link that fetches the table for a quarter of an hour, under this file name; None for one that fits into an answer."""
    return files.link_to(org, table, name) if len(json.dumps(table)) > MOST_BYTES else None
