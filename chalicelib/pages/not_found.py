"""The 404 page, with a way back."""

from functools import partial

from chalicelib.pages.responses import PageResponse
from chalicelib.pages.views import Page, respond
from chalicelib.pages.visit import Visit
from chalicelib.rules.refusals import NotFound
from chalicelib.web.audience import Public
from chalicelib.web.router import register_not_found


def not_found(_visit: Visit) -> PageResponse:
    """Raise NotFound, which is shown as the 404 page."""
    raise NotFound


register_not_found("", partial(respond, Page("GET", "/{nowhere}", Public(), not_found, any_origin=True, files=False)))
