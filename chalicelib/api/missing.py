"""Addresses below /v1 under which there is nothing, or nothing by this method."""

from chalice import Response

from chalicelib import telemetry
from chalicelib.api.answers import problem
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.call import Call
from chalicelib.web.refusals import MethodNotAllowed
from chalicelib.web.routing import declare_nowhere, methods_of


def nothing(call: Call) -> Response:
    """Say that there is nothing here, or by which methods there is."""
    telemetry.begin(call.id, call.method, call.route, call.params.get("org", ""))
    allowed = methods_of(call.route)
    refusal: Refusal = MethodNotAllowed(allowed) if allowed else NotFound()
    telemetry.refused(refusal.code)
    return problem(refusal).response(call.id)


declare_nowhere("v1", nothing)
