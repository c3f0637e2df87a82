"""CSV downloads."""

from chalicelib.operations.downloads import link_if_large
from chalicelib.pages.answers import Answer, Elsewhere, File


def csv_download(org: str, text: str, name: str) -> Answer:
    """Return a CSV download. A large table is stored in the bucket, and the answer redirects to it."""
    link = link_if_large(org, text, name)
    return Elsewhere(link) if link else File(text, "text/csv; charset=utf-8", forever=False, name=name)
