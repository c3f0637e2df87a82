"""The local stack's API Gateway and Lambda, in one process: requests become events for the Chalice application."""

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.web.path_match import Match, Resources
from infra import gateway_responses
from infra.gateway_responses import GatewayResponse
from infra.local.http_server import Handler, Request, Response, gateway_response
from infra.local.proxy_events import BAD_RESULT, proxy_event, response_from
from infra.local.request_body import LARGEST_BODY

FUNCTION = "rollbook-local"
FUNCTION_SECONDS = 30
log = logging.getLogger(__name__)

NO_ROUTE = gateway_response(gateway_responses.NO_ROUTE)
TOO_LARGE = gateway_response(gateway_responses.TOO_LARGE)
STARTING = gateway_response(GatewayResponse("STARTING", 503, "starting", "Rollbook is starting. Try again in a second.", 1))
PREFLIGHT = "OPTIONS"


class Gateway:
    """Answers requests through the application, from any number of threads, and CORS preflights itself, as API Gateway does."""

    def __init__(self, app: Any, *, local: Mapping[str, Handler]) -> None:
        """`local` answers the paths that exist in the local stack only."""
        self._app = app
        self._local = local
        self._preflights = {path: preflight for path, views in app.routes.items() if (preflight := _preflight(views))}
        self._resources = Resources({path: {*views, *_also(path, self._preflights)} for path, views in app.routes.items()})
        self._binary_types = frozenset(app.api.binary_types)

    def __call__(self, request: Request) -> Response:
        if request.path in self._local:
            return self._local[request.path](request)
        match = self._resources.find(request.path, request.method)
        if match is None:
            return NO_ROUTE
        return self._preflights[match.resource] if request.method == PREFLIGHT else self._respond(request, match)

    def _respond(self, request: Request, match: Match) -> Response:
        context = Context()
        event = proxy_event(request, match, request_id=context.aws_request_id, binary_types=self._binary_types)
        if len(event["body"] or "") > LARGEST_BODY:
            return TOO_LARGE
        response = response_from(self._result(event, context), accept=request.header("Accept"), binary_types=self._binary_types)
        if response.status >= 500:
            log.warning("%s %s answered %s, request %s", request.method, match.resource, response.status, context.aws_request_id)
        return response if len(response.body) <= LARGEST_BODY else BAD_RESULT

    def _result(self, event: dict[str, Any], context: "Context") -> Any:
        try:
            return self._app(event, context)
        except Exception:
            log.exception("the application failed, request %s", context.aws_request_id)
            return None


def _preflight(views: Mapping[str, Any]) -> Response | None:
    """Return the response that Chalice's Swagger gives to a preflight of a resource, if its routes have CORS."""
    cors = next((view.cors for view in views.values() if view.cors), None)
    if cors is None:
        return None
    allowed = {"Access-Control-Allow-Methods": ",".join([*views, PREFLIGHT]), **cors.get_access_control_headers()}
    return Response(200, b"", (("Content-Type", "application/json"), *allowed.items()))


def _also(path: str, preflights: Mapping[str, Response]) -> set[str]:
    return {PREFLIGHT} if path in preflights else set()


@dataclass(slots=True)
class Context:
    """Lambda's context of an invocation."""

    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_name: str = FUNCTION
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:eu-central-1:000000000000:function:{FUNCTION}"
    log_group_name: str = f"/aws/lambda/{FUNCTION}"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None
    deadline: float = field(default_factory=lambda: time.monotonic() + FUNCTION_SECONDS)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))
