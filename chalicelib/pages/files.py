"""Static files."""

from chalicelib.pages.assets import accent_file, embed_file, static_file
from chalicelib.pages.responses import PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Public


@page("GET", "/static/{name}", who=Public())
def static(visit: Visit) -> PageResponse:
    """Answer with the style sheet or the script."""
    return static_file(visit["name"])


@page("GET", "/accent/{name}", who=Public())
def accent(visit: Visit) -> PageResponse:
    """Answer with the style sheet of an organisation's accent colour, in shades for light and dark mode."""
    return accent_file(visit["name"])


@page("GET", "/embed.js", who=Public())
def embed_script(visit: Visit) -> PageResponse:
    """Answer with the script for other sites that shows the public pages in a frame there."""
    return embed_file()
