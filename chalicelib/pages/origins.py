"""Where a form was sent from: only our own pages may make somebody's browser change something."""

from urllib.parse import urlsplit

from chalicelib.settings import settings
from chalicelib.web.call import Call
from chalicelib.web.refusals import ForeignForm


def check_origin(call: Call) -> None:
    """Refuse a POST whose Origin (else Referer) is not the host that it is sent to. A browser that names neither is refused."""
    sent_from = urlsplit(call.headers.get("origin") or call.headers.get("referer", ""))
    schemes = {"https"} if settings().over_https else {"http", "https"}
    if sent_from.scheme not in schemes or not call.host or sent_from.netloc.lower() != call.host.lower():
        raise ForeignForm
