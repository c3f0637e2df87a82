"""P3 and P4: our own processor time: of a request beside an empty route, of operations beside the boto3 calls that they make."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from types import SimpleNamespace
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from chalice import Chalice, Response
from pydantic import BaseModel

from bench.figures import Figure, at_most
from bench.requests_each import acceptance, invite
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.operations import invitations, links
from infra.local.gateway import Gateway
from infra.local.http_server import Request

ROUNDS, TIMES = 9, 40
MOST_MICROSECONDS = 350
HOST = (("Host", "127.0.0.1:8000"),)


def figures() -> Iterator[Figure]:
    yield from _request()
    session_id = session(2000)
    yield from _operation("invite", lambda: invite(session_id))
    tokens = [links.invitation_token(invite(session_id).invitation) for _ in range(ROUNDS * TIMES + 1)]
    accept = iter(tokens)
    yield from _operation("accept", lambda: invitations.accept(next(accept), acceptance(uuid.uuid4().hex), locale="en", now=now()))


def _request() -> Iterator[Figure]:
    """Compare a public session, whose reads are answered from memory, with a route that only validates, logs and counts."""
    from app import app

    ours, path = Gateway(app, local={}), f"/v1/portal/{ORG}/sessions/{session(12)}"
    empty = Gateway(_empty(), local={})
    with _answered_from_memory(lambda: ours(Request("GET", path, "", HOST, b"", "127.0.0.1"))):
        pairs = [
            (
                _each(lambda: ours(Request("GET", path, "", HOST, b"", "127.0.0.1"))),
                _each(lambda: empty(Request("GET", "/empty", "", HOST, b"", "127.0.0.1"))),
            )
            for _ in range(ROUNDS)
        ]
    yield at_most("P3", "a request without the database: our time to an empty route's", median(a / b for a, b in pairs), 1.5, "×")
    yield at_most(
        "P3", "a request without the database: beside an empty route", median(a - b for a, b in pairs) * 1e6, MOST_MICROSECONDS, "µs"
    )


class _Body(BaseModel):
    name: str


def _empty() -> Chalice:
    app = Chalice(app_name="empty", configure_logs=False)
    logger, metrics = Logger(service="empty"), Metrics(namespace="Empty", service="empty")

    @app.route("/empty")  # type: ignore[untyped-decorator]
    def empty() -> Response:
        logger.append_keys(request_id="x")
        metrics.add_metric(name="Asked", unit=MetricUnit.Count, value=1)
        metrics.flush_metrics()
        return Response(json.dumps(_Body(name="x").model_dump()), headers={"Content-Type": "application/json"})

    return app


@contextmanager
def _answered_from_memory(ask: Callable[[], Any]) -> Iterator[None]:
    """Answer each kind of request to DynamoDB as it was answered once."""
    answers, real = dict[str, Any](), clients.dynamodb()

    def keep(parsed: Any, model: Any, **_: Any) -> None:
        answers[model.name] = parsed

    real.meta.events.register("after-call.dynamodb", keep, unique_id="keep")
    assert ask().status == 200
    real.meta.events.unregister("after-call.dynamodb", unique_id="keep")
    kept = SimpleNamespace(
        batch_get_item=lambda **_: answers["BatchGetItem"],
        get_item=lambda **_: answers["GetItem"],
        query=lambda **_: answers["Query"],
        exceptions=real.exceptions,
        meta=real.meta,
    )
    function, clients.dynamodb = clients.dynamodb, lambda: kept  # type: ignore[assignment]
    try:
        assert ask().status == 200
        yield
    finally:
        clients.dynamodb = function


def _each(do: Callable[[], Any]) -> float:
    """Return the processor seconds of one, of many."""
    began = time.process_time()
    for _ in range(TIMES):
        do()
    return (time.process_time() - began) / TIMES


def _operation(name: str, do: Callable[[], object]) -> Iterator[Figure]:
    do()
    ratios = []
    for _ in range(ROUNDS):
        with _within_boto3() as spent:
            whole = _each(do) * TIMES
        ratios.append(whole / sum(spent))
    yield at_most("P4", f"{name}: processor time to that of its boto3 calls", median(ratios), 1.25, "×")


@contextmanager
def _within_boto3() -> Iterator[list[float]]:
    """Collect the processor seconds of each call of the DynamoDB client."""
    client, spent = clients.dynamodb(), list[float]()
    call = client._make_api_call  # type: ignore[attr-defined]

    def timed(*arguments: Any) -> Any:
        began = time.process_time()
        try:
            return call(*arguments)
        finally:
            spent.append(time.process_time() - began)

    client._make_api_call = timed  # type: ignore[attr-defined]
    try:
        yield spent
    finally:
        del client._make_api_call  # type: ignore[attr-defined]
