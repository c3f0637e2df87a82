"""Lambda's concurrency: what it has no room for is refused by API Gateway, and tried again by everything that can wait.

Sources: AWS Lambda developer guide, “Understanding Lambda function scaling”, “How Lambda handles errors and retries with asynchronous
invocation” and the retry attempts of stream mappings; API Gateway developer guide, “Gateway response types”.
"""

import json
import threading
from typing import Any

from ministack.services import apigateway_v1 as api_gateway
from ministack.services import cloudwatch, eventbridge, lambda_svc

from infra.rehearsal.deliveries import repeat

UNRESERVED = 100
"""What an account keeps for functions without a reservation. An account that may run fewer reserves nothing."""
TOO_MUCH = (
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of "
    f"[{UNRESERVED}]."
)
RETRIES, SIX_HOURS = 2, 6 * 60 * 60
"""Of an event, where the function's settings say nothing."""
FAILED = 502
"""The status for a function that failed; its gateway response keeps it unless it names another."""

Function = dict[str, Any]


class NotRunError(Exception):
    """A function did not answer a request. `status` is None if the gateway response has its own."""

    def __init__(self, response: str, status: int | None = None) -> None:
        super().__init__(response)
        self.response, self.status = response, status


def be_strict() -> None:
    """Replace the parts of MiniStack that run what AWS would refuse, or lose what AWS would repeat."""
    _answer_for_functions()
    _repeat_events()
    _keep_room_without_reservation()
    _count_refusals_of_all_functions()


def _answer_for_functions() -> None:
    """Answer for a function that was throttled or failed as the API's gateway responses say."""
    call, proxy, answer = api_gateway._call_lambda_raw, api_gateway._invoke_lambda_proxy_v1, api_gateway._gateway_error_response

    async def called(*arguments: Any, **scope: Any) -> Any:
        result, fault = await call(*arguments, **scope)
        if result and result.get("throttle"):
            raise NotRunError("INTEGRATION_FAILURE")
        if result and result.get("error"):
            raise NotRunError("DEFAULT_5XX", FAILED)
        return result, fault

    async def proxied(*arguments: Any, **scope: Any) -> Any:
        try:
            return await proxy(*arguments, **scope)
        except NotRunError as reason:
            error = api_gateway._gw_error(reason.response, "Internal server error")
            error.status = reason.status
            return error

    def answered(error: Any, request: dict[str, Any]) -> Any:
        status, headers, body = answer(error, request)
        return getattr(error, "status", None) or status, headers, body

    api_gateway._call_lambda_raw, api_gateway._invoke_lambda_proxy_v1 = called, proxied
    api_gateway._gateway_error_response = answered


def _repeat_events() -> None:
    """Repeat what EventBridge starts as the function's settings say; MiniStack tries once, and counts a refusal as an attempt."""

    def dispatch(arn: str, payload: str) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            invoke_later(function, json.loads(payload))

    eventbridge._dispatch_to_lambda, lambda_svc.invoke_async_with_retry = dispatch, invoke_later


def invoke_later(function: Function, event: Any) -> None:
    """Run a function beside the caller, until it has handled the event or the event is given up."""
    scoped = lambda_svc._run_with_function_config_scope
    threading.Thread(target=scoped, args=(function, _run_or_set_aside, function["config"], event), daemon=True).start()


def _run_or_set_aside(config: dict[str, Any], event: Any) -> None:
    settings = _current(config).get("event_invoke_config") or {}
    result = repeat(
        lambda: lambda_svc._execute_function(_current(config), event),
        attempts=1 + settings.get("MaximumRetryAttempts", RETRIES),
        seconds=settings.get("MaximumEventAgeInSeconds", SIX_HOURS),
    )
    destination = settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if result.get("error") and destination:
        lambda_svc._route_async_failure(destination, config["FunctionName"], event, result)


def _current(config: dict[str, Any]) -> Function:
    """Return the function as it is now: its settings and its reservation may have changed since the event came."""
    function, now, _ = lambda_svc._get_func_record_for_ref(config["FunctionName"])
    return lambda_svc._execution_record_for_config(function, now or config)  # type: ignore[no-any-return]


def _keep_room_without_reservation() -> None:
    put = lambda_svc._put_function_concurrency

    def unless_too_much(name: str, data: dict[str, Any]) -> Any:
        others = sum(function.get("concurrency") or 0 for other, function in lambda_svc._functions.items() if other != name)
        wanted = data.get("ReservedConcurrentExecutions", 0)
        if wanted and others + wanted > lambda_svc._ACCOUNT_CONCURRENCY_CAP - UNRESERVED:
            return lambda_svc.error_response_json("InvalidParameterValueException", TOO_MUCH, 400)
        return put(name, data)

    lambda_svc._put_function_concurrency = unless_too_much


def _count_refusals_of_all_functions() -> None:
    """Count refused calls for all functions together too, as CloudWatch does; MiniStack counts for each alone."""
    emit = lambda_svc._emit_lambda_metrics

    def emit_both(name: str, **metrics: Any) -> None:
        emit(name, **metrics)
        cloudwatch.record_metric("AWS/Lambda", "Throttles", int(metrics["throttle"]), "Count", {})

    lambda_svc._emit_lambda_metrics = emit_both
