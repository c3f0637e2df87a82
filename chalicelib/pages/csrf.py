"""CSRF protection: only forms of this deployment's own pages may change data."""

from urllib.parse import urlsplit

from chalicelib.config import config
from chalicelib.web.call import Call
from chalicelib.web.refusals import ForeignForm


def check_origin(call: Call) -> None:
    """Raise ForeignForm unless the Origin, or else the Referer, of a POST is the host that it is sent to, or when both are missing."""
    sent_from = urlsplit(call.headers.get("origin") or call.headers.get("referer", ""))
    schemes = {"https"} if config().over_https else {"http", "https"}
    if sent_from.scheme not in schemes or not call.host or sent_from.netloc.lower() != call.host.lower():
        raise ForeignForm
