"""The door of the local stack: API Gateway and Lambda in one process, in front of the Chalice application."""

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.web.matching import Routes
from infra.local.proxy_events import BAD_RESULT, answer, proxy_event
from infra.local.wire import LARGEST_BODY, Answer, Handler, Request, json_answer, problem_answer

FUNCTION = "rollbook-local"
FUNCTION_SECONDS = 30
log = logging.getLogger(__name__)

NO_ROUTE = json_answer(403, {"message": "Missing Authentication Token"})
TOO_LONG = json_answer(413, {"message": "Request Too Long"})
STARTING = problem_answer(503, "starting", "Rollbook is starting. Try again in a second.", headers=(("Retry-After", "1"),))


class Gateway:
    """Answers requests through the application, from any number of threads. Undeclared paths and methods get API Gateway's own answer."""

    def __init__(self, app: Any, *, local: Mapping[str, Handler]) -> None:
        """`local` answers the paths that exist in the local stack only."""
        self._app = app
        self._local = local
        self._methods_of = app.routes
        self._routes = Routes(app.routes)
        self._binary_types = frozenset(app.api.binary_types)

    def __call__(self, request: Request) -> Answer:
        if request.path in self._local:
            return self._local[request.path](request)
        match = self._routes.find(request.path)
        if match is None or request.method not in self._methods_of[match.resource]:
            return NO_ROUTE
        context = Context()
        event = proxy_event(request, match, request_id=context.aws_request_id, binary_types=self._binary_types)
        if len(event["body"] or "") > LARGEST_BODY:
            return TOO_LONG
        outcome = answer(self._result(event, context), accept=request.header("Accept"), binary_types=self._binary_types)
        if outcome.status >= 500:
            log.warning("%s %s answered %s, request %s", request.method, match.resource, outcome.status, context.aws_request_id)
        return outcome if len(outcome.body) <= LARGEST_BODY else BAD_RESULT

    def _result(self, event: dict[str, Any], context: "Context") -> Any:
        try:
            return self._app(event, context)
        except Exception:
            log.exception("the application failed, request %s", context.aws_request_id)
            return None


@dataclass(slots=True)
class Context:
    """What Lambda tells a function about its invocation."""

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
