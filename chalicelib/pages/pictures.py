"""Pictures: as the pages show them, and as other programs fetch them.

API Gateway hands out bytes only to clients whose first accepted type it was told of, which no `<img>` of every browser fulfils. So pages
show a picture inside an SVG, which is text, and can be kept for a year. E-mails and link previews follow a redirect into the bucket.
"""

from base64 import b64encode

from chalicelib.operations import pictures
from chalicelib.pages.responses import ExternalRedirect, File, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.pictures import kind_of, size_of
from chalicelib.web.audience import Public

SVG = ".svg"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@page("GET", "/pictures/{org}/{owner}/{name}", who=Public())
def picture(visit: Visit) -> PageResponse:
    """Answer with a picture inside an SVG, or without the ending `.svg` with the way to the picture itself."""
    name = visit["name"].removesuffix(SVG)
    if name == visit["name"]:
        return ExternalRedirect(pictures.redirect_of(visit.org, visit["owner"], name))
    return File(_svg(name, pictures.read_picture(visit.org, visit["owner"], name)), "image/svg+xml", forever=True, policy=POLICY)


def _svg(name: str, content: bytes) -> str:
    width, height = size_of(name)
    inside = f'<image width="{width}" height="{height}" href="data:{kind_of(name)};base64,{b64encode(content).decode()}"/>'
    box = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{inside}</svg>'
