"""Structured logs and metrics: ids of requests and organisations, never an address, a token or a code."""

import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib.rules.organisations import fit_for_id
from chalicelib.settings import settings

SERVICE = f"rollbook-{settings().stage}"
logger = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics = Metrics(namespace="Rollbook", service=SERVICE)


class FunctionFailedError(Exception):
    """A function could not do its work; Lambda tries again or gives up."""


def begin(request_id: str, method: str, route: str, org: str) -> None:
    """Note what is being answered: the route's pattern, not its path, which may carry a token; an organisation's id, if it can be one."""
    logger.thread_safe_clear_keys()
    logger.thread_safe_append_keys(request_id=request_id, method=method, route=route, org=named(org))


def named(org: str) -> str:
    """Return the organisation's id, if it can be one: what people put in its place may be anything."""
    return org if fit_for_id(org) else ""


def refused(code: str) -> None:
    logger.info("refused", extra={"code": code})
    metrics.add_metric(name=f"Refused.{code}", unit=MetricUnit.Count, value=1)


def counted(name: str, value: int = 1) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def lasted(name: str, seconds: float) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=seconds)


def stripe_failed(status: int, code: str) -> None:
    """Log that Stripe did not do as it was asked: its status, 0 for none, and its word for what is wrong."""
    logger.warning("stripe_failed", extra={"status": status, "code": code})
    counted("StripeFailed")


def failed(**about: str) -> None:
    """Log the exception in hand, without its message or values: they may quote what people sent. `about` are ids that we gave."""
    logger.error("failed", extra={**about, "fault": _anonymous()})
    counted("Failed")


def around(request: Any, get_response: Callable[[Any], Any]) -> Any:
    """A Chalice middleware: write the metrics of this invocation when it is answered."""
    try:
        return get_response(request)
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()


def around_event(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """A Chalice middleware for what is not HTTP: every line tells which function it is from, and which invocation.

    What is raised reaches the log as well, by Lambda: so it carries nothing but its kind.
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
        failed()
        raise FunctionFailedError(type(error).__name__) from None


def _anonymous() -> list[str]:
    kind, _, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    return [kind.__name__ if kind else "", *(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:])]
