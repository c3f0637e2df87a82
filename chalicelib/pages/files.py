"""The files that pages link to."""

from chalicelib.pages.answers import Answer
from chalicelib.pages.assets import accent_file, static_file
from chalicelib.pages.declaring import Public, Visit, page


@page("GET", "/static/{name}", who=Public())
def static(visit: Visit) -> Answer:
    """The style sheet and the script."""
    return static_file(visit["name"])


@page("GET", "/accent/{name}", who=Public())
def accent(visit: Visit) -> Answer:
    """An organisation's colour, in shades that can be read in light and dark."""
    return accent_file(visit["name"])
