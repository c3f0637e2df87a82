"""Tables to save as a file."""

from chalicelib.api.answers import Answer, csv_answer
from chalicelib.operations.downloads import link_if_large


def table(org: str, text: str, name: str) -> Answer:
    """Return the table, or where it is fetched from when it is large."""
    link = link_if_large(org, text, name)
    return at(link) if link else csv_answer(text, name)


def at(link: str) -> Answer:
    """Lead to where a table is fetched from."""
    return Answer(303, "", {"Location": link}, kind="text/csv")
