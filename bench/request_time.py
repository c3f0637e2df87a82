"""P3: the application's processor time of a request whose database answers from memory, compared with that of an empty route."""

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from chalice import Chalice

from bench.empty_route import BODY, PATH, empty_application
from bench.figures import Figure, at_most
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.operations import api_keys
from chalicelib.rules.inputs.api_keys import ApiKeyInput
from chalicelib.web.path_match import Resources
from infra.local.gateway import Context
from infra.local.http_server import Headers, Request
from infra.local.proxy_events import proxy_event

ROUNDS, TIMES = 15, 60
COPIES = 5
"""Of each answer, so that no request gets the same object as the one before: nor does it from boto3."""
MOST_RATIO, MOST_MICROSECONDS = 1.5, 350
JSON = ("Content-Type", "application/json")
FORWARDED = (
    ("Accept", "application/json, text/plain, */*"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Accept-Language", "en-GB,en;q=0.9,fr;q=0.8"),
    ("CloudFront-Forwarded-Proto", "https"),
    ("CloudFront-Is-Desktop-Viewer", "true"),
    ("CloudFront-Viewer-Country", "FR"),
    ("Host", "api.example.org"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("Via", "2.0 0123456789abcdef.cloudfront.net (CloudFront)"),
    ("X-Amz-Cf-Id", "0123456789abcdefghijklmnopqrstuvwxyz=="),
    ("X-Amzn-Trace-Id", "Root=1-5e272390-8c398be037738dc042009320"),
)
"""The headers of a browser's request as API Gateway passes them on."""
Ask = Callable[[], dict[str, Any]]


def figures() -> Iterator[Figure]:
    from app import app

    with Path(os.devnull).open("w") as log, _metrics_on(), redirect_stdout(log):
        empty = _ask(empty_application(log), "POST", PATH.replace("{org}", ORG), (JSON,), BODY)
        measured = {name: _pairs(ask, empty) for name, ask in _requests(app).items()}
    yield Figure("P3", "an empty route", round(median(bare for pairs in measured.values() for _, bare in pairs) * 1e6), "µs")
    for name, pairs in measured.items():
        yield at_most("P3", f"{name}: our time to an empty route's", median(ours / bare for ours, bare in pairs), MOST_RATIO, "×")
        yield at_most("P3", f"{name}: our time", median(ours for ours, _ in pairs) * 1e6, MOST_MICROSECONDS, "µs")


def _requests(app: Chalice) -> dict[str, Ask]:
    """Return a request that only reads, one with a body, and one by staff."""
    session_id = session(12)
    key = api_keys.make(ORG, ApiKeyInput(name="Bench", role="viewer"), by="bench", now=now())
    public = f"/v1/portal/{ORG}/sessions/{session_id}"
    return {
        "public session": _ask(app, "GET", public),
        "quote": _ask(app, "POST", f"{public}/quote", (JSON,), b'{"party_size": 2}'),
        "session for staff": _ask(app, "GET", f"/v1/orgs/{ORG}/sessions/{session_id}", (("Authorization", f"Bearer {key.text}"),)),
    }


def _ask(app: Chalice, method: str, path: str, headers: Headers = (), body: bytes = b"") -> Ask:
    """Return a function that gives the application one request as Lambda would, and returns its result."""
    match = Resources(app.routes).find(path, method)
    assert match
    request = Request(method, path, "", (*FORWARDED, *headers), body)
    event = proxy_event(request, match, request_id=str(uuid.uuid4()), binary_types=app.api.binary_types)
    context = Context()
    return lambda: app(event, context)


def _pairs(ask: Ask, empty: Ask) -> list[tuple[float, float]]:
    """Return the processor seconds of our request and of the empty one, in turns."""
    with _answered_from_memory(ask):
        return [(_each(ask), _each(empty)) for _ in range(ROUNDS)]


@contextmanager
def _answered_from_memory(ask: Ask) -> Iterator[None]:
    """Let DynamoDB answer the calls of each request as it answered those of one before."""
    client, responses = clients.dynamodb(), list[Any]()
    call = client._make_api_call  # type: ignore[attr-defined]

    def keep(operation: str, arguments: Any) -> Any:
        responses.append(call(operation, arguments))
        return responses[-1]

    try:
        _check(ask())
        client._make_api_call = keep  # type: ignore[attr-defined]
        _check(ask())
        kept = cycle([json.loads(json.dumps(response)) for _ in range(COPIES) for response in responses])
        client._make_api_call = lambda *_: next(kept)  # type: ignore[attr-defined]
        yield
        _check(ask())
    finally:
        del client._make_api_call  # type: ignore[attr-defined]


def _check(result: dict[str, Any]) -> None:
    assert result["statusCode"] in {200, 201}, result["body"]


@contextmanager
def _metrics_on() -> Iterator[None]:
    """Let Powertools print metrics, which it does not in the rest of a run."""
    off = os.environ.pop("POWERTOOLS_METRICS_DISABLED", None)
    try:
        yield
    finally:
        if off is not None:
            os.environ["POWERTOOLS_METRICS_DISABLED"] = off


def _each(do: Ask) -> float:
    """Return the processor seconds of one, of many."""
    began = time.process_time()
    for _ in range(TIMES):
        do()
    return (time.process_time() - began) / TIMES
