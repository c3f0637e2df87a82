"""Tables to save as a file."""

from chalicelib.operations.downloads import link_if_large
from chalicelib.pages.answers import Answer, Elsewhere, File


def table(org: str, text: str, name: str) -> Answer:
    """Return the table, or lead to where it is fetched from when it is large."""
    link = link_if_large(org, text, name)
    return Elsewhere(link) if link else File(text, "text/csv; charset=utf-8", forever=False, name=name)
