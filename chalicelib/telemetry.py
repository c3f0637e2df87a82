"""Structured logs and metrics. They carry ids of requests and organisations, never an address, a token or a code."""

import sys
import traceback
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib.config import config
from chalicelib.rules.organisations import fit_for_id

SERVICE = f"rollbook-{config().stage}"
logger = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics = Metrics(namespace="Rollbook", service=SERVICE)
_one_at_a_time = Lock()


class FunctionFailedError(Exception):
    """An invocation failed. Lambda retries it or gives up."""


def begin(request_id: str, method: str, route: str, org: str) -> None:
    """Add the request to every log line: the route's pattern, as the path may carry a token, and the organisation's id if it is valid."""
    logger.thread_safe_clear_keys()
    logger.thread_safe_append_keys(request_id=request_id, method=method, route=route, org=valid_org(org))


def valid_org(org: str) -> str:
    """Return the organisation's id, or an empty string if it is invalid: the path segment may hold any text."""
    return org if fit_for_id(org) else ""


def record_refusal(code: str) -> None:
    logger.info("refused", extra={"code": code})
    metrics.add_metric(name=f"Refused.{code}", unit=MetricUnit.Count, value=1)


def count(name: str, value: int = 1) -> None:
    """Add to a metric. Safe to call from several threads."""
    with _one_at_a_time:
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def record_duration(name: str, seconds: float) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=seconds)


def record_stripe_failure(status: int, code: str) -> None:
    """Log a failed request to Stripe: the HTTP status (0 without an answer) and Stripe's error type."""
    logger.warning("stripe_failed", extra={"status": status, "code": code})
    count("StripeFailed")


def record_failure(**about: str) -> None:
    """Log the current exception without its message or values, which may quote user input. `about` holds ids that we assigned."""
    logger.error("failed", extra={**about, "fault": _anonymous()})
    count("Failed")


def around(request: Any, get_response: Callable[[Any], Any]) -> Any:
    """Chalice middleware: write the metrics when the invocation has been answered."""
    try:
        return get_response(request)
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()


def around_event(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Chalice middleware for events other than HTTP: add the function and the invocation to every log line.

    Lambda logs an exception that is raised, so only its type name is raised again.
    """
    logger.thread_safe_clear_keys()
    context = event.context
    logger.thread_safe_append_keys(
        request_id=getattr(context, "aws_request_id", ""), function=getattr(context, "function_name", "").removeprefix(f"{SERVICE}-")
    )
    return around(event, partial(_anonymously, get_response))


def _anonymously(get_response: Callable[[Any], Any], event: Any) -> Any:
    try:
        return get_response(event)
    except Exception as error:
        record_failure()
        raise FunctionFailedError(type(error).__name__) from None


def _anonymous() -> list[str]:
    kind, _, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    return [kind.__name__ if kind else "", *(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:])]
