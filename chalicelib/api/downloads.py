"""CSV files to download: as the answer, by a link (303) when it is large, or made by a job (202) when it is very large."""

from pydantic import BaseModel

from chalicelib.api.jobs import JobStartedOut
from chalicelib.api.responses import ApiResponse, csv_response
from chalicelib.operations.downloads import link_if_large
from chalicelib.operations.exports import Exported

CSV: dict[int, type[BaseModel] | None] = {200: None, 303: None}
"""What an operation answers that gives a CSV file."""
LONG_CSV: dict[int, type[BaseModel] | None] = {**CSV, 202: JobStartedOut}
"""The same for a file that may take a job."""


def csv_download(org: str, text: str, name: str) -> ApiResponse:
    """Return the CSV file, or a link to it if it is large."""
    link = link_if_large(org, text, name)
    return redirect_to_file(link) if link else csv_response(text, name)


def whole_or_link(org: str, response: ApiResponse, name: str) -> ApiResponse:
    """Return an answer in JSON, or a link to it if it is larger than an answer can be."""
    link = link_if_large(org, response.text(), name)
    return ApiResponse(303, "", {"Location": link}) if link else response


def exported(org: str, found: Exported, name: str) -> ApiResponse:
    """Return the CSV file, a link to it, or the job that makes it."""
    if found.job:
        return ApiResponse(202, JobStartedOut(job=found.job))
    return redirect_to_file(found.link) if found.link else csv_download(org, found.text, name)


def redirect_to_file(link: str) -> ApiResponse:
    """Redirect to the link of a file (303)."""
    return ApiResponse(303, "", {"Location": link}, kind="text/csv")
