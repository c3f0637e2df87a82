"""CSV files to download."""

from chalicelib.api.answers import Answer, csv_answer
from chalicelib.operations.downloads import link_if_large


def csv_download(org: str, text: str, name: str) -> Answer:
    """Return the CSV file, or a link to it if it is large."""
    link = link_if_large(org, text, name)
    return redirect_to_file(link) if link else csv_answer(text, name)


def redirect_to_file(link: str) -> Answer:
    """Redirect to the link of a file (303)."""
    return Answer(303, "", {"Location": link}, kind="text/csv")
