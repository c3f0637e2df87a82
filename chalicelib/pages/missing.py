"""Addresses under which there is nothing: an HTML page with a way back."""

from functools import partial

from chalicelib.pages.answers import Answer
from chalicelib.pages.declaring import Page, Public, Visit, answered
from chalicelib.rules.refusals import NotFound
from chalicelib.web.routing import declare_nowhere


def nothing(_visit: Visit) -> Answer:
    """Say that there is nothing here."""
    raise NotFound


declare_nowhere("", partial(answered, Page("GET", "/{nowhere}", Public(), nothing, any_origin=True, files=False)))
