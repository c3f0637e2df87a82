"""CSV downloads."""

from chalicelib.operations.downloads import link_if_large
from chalicelib.operations.exports import Exported
from chalicelib.pages.responses import ExternalRedirect, File, PageResponse, Redirect


def csv_download(org: str, text: str, name: str) -> PageResponse:
    """Return a CSV download. A large table is stored in the bucket, and the answer redirects to it."""
    link = link_if_large(org, text, name)
    return ExternalRedirect(link) if link else File(text, "text/csv; charset=utf-8", forever=False, name=name)


def exported(org: str, found: Exported, name: str) -> PageResponse:
    """Return a CSV download, a redirect to the stored file, or a redirect to the job that makes it."""
    if found.job:
        return Redirect(f"/o/{org}/jobs/{found.job}")
    return ExternalRedirect(found.link) if found.link else csv_download(org, found.text, name)
