"""404 and 405 for paths under /v1."""

from chalice import Response

from chalicelib import telemetry
from chalicelib.api.responses import problem
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.call import Call
from chalicelib.web.locale import locale_of
from chalicelib.web.refusals import MethodNotAllowed
from chalicelib.web.router import API, methods_of, register_not_found


def not_found(call: Call) -> Response:
    """Answer 404 to an unknown path, and 405 to a method that the path does not accept."""
    telemetry.begin(call.id, call.method, call.route, call.params.get("org", ""))
    allowed = methods_of(call.route)
    refusal: Refusal = MethodNotAllowed(allowed) if allowed else NotFound()
    telemetry.record_refusal(refusal.code)
    return problem(refusal, locale_of(call)).to_chalice(call.id)


register_not_found(API, not_found)
