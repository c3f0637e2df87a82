"""A small Chalice application behind the gateway, over real connections."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from chalice import Chalice, CORSConfig, Response

from infra.local.gateway import STARTING, Gateway
from infra.local.http_server import Server

app = Chalice(app_name="small", configure_logs=False)
app.api.binary_types = ["application/octet-stream"]


@app.route("/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.route("/echo/{name}", methods=["POST"], content_types=["application/json", "text/plain", "application/octet-stream"])
def echo(name: str) -> dict[str, Any]:
    request = app.current_request
    return {"name": name, "body": request.raw_body.decode("latin-1"), "remaining": request.lambda_context.get_remaining_time_in_millis()}


@app.route("/late/{name}")
def late(name: str) -> dict[str, str]:
    time.sleep(0.02)
    return {"name": name}


@app.route("/large")
def large() -> Response:
    return Response("x" * 7_000_000, headers={"Content-Type": "text/plain"})


@app.route("/fails")
def fails() -> None:
    raise RuntimeError


@app.route("/shared", methods=["GET", "POST"], cors=CORSConfig(allow_origin="*", max_age=60))
def shared() -> dict[str, str]:
    return {}


@app.route("/pages/{proxy+}", methods=["GET", "PUT"])
def page() -> dict[str, Any]:
    return {"resource": app.current_request.path, "parameters": app.current_request.uri_params}


@pytest.fixture
def port(serve: Callable[..., Server]) -> int:
    return serve(Gateway(app, local={"/_local/x": lambda _: STARTING})).server_port


@pytest.fixture
def ask(port: int) -> Iterator[Callable[..., tuple[int, Any]]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:

        def send(method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

        yield send


def test_requests_reach_the_application(ask: Callable[..., tuple[int, Any]]) -> None:
    assert ask("GET", "/v1/health") == (200, {"status": "ok"})
    status, echoed = ask("POST", "/echo/a%20b", "é".encode(), Content_Type="text/plain")
    assert (status, echoed["name"], echoed["body"].encode("latin-1")) == (200, "a%20b", "é".encode())
    assert echoed["remaining"] > 0


def test_binary_bodies_arrive_whole(ask: Callable[..., tuple[int, Any]]) -> None:
    assert ask("POST", "/echo/x", b"\xff\x00", Content_Type="application/octet-stream")[1]["body"] == "\xff\x00"


def test_undeclared_paths_and_methods_get_the_answer_of_api_gateway(ask: Callable[..., tuple[int, Any]]) -> None:
    for method, path in (("GET", "/nowhere"), ("POST", "/v1/health"), ("OPTIONS", "/v1/health"), ("GET", "/pages")):
        status, problem = ask(method, path)
        assert (status, problem["code"]) == (404, "not_found")


def test_a_greedy_resource_takes_what_lies_below_it(ask: Callable[..., tuple[int, Any]]) -> None:
    assert ask("GET", "/pages/a%20b/c") == (200, {"resource": "/pages/{proxy+}", "parameters": {"proxy": "a%20b/c"}})


def test_preflights_are_answered_without_the_application(port: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("OPTIONS", "/shared", headers={"Origin": "https://client.example"})
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"")
        said = {name.lower(): value for name, value in response.getheaders()}
    assert said["access-control-allow-origin"] == "*"
    assert said["access-control-allow-methods"] == "GET,POST,OPTIONS"
    assert said["access-control-max-age"] == "60"


def test_head_exists_where_it_is_declared_only(port: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("HEAD", "/v1/health")
        assert connection.getresponse().status == 404


def test_local_paths_come_before_the_application(ask: Callable[..., tuple[int, Any]]) -> None:
    status, problem = ask("GET", "/_local/x")
    assert (status, problem["code"]) == (503, "starting")


def test_failures_and_oversized_results_are_answered(ask: Callable[..., tuple[int, Any]]) -> None:
    assert ask("GET", "/fails")[0] == 500
    assert ask("GET", "/large")[0] == 502


def test_base64_counts_towards_the_limit(ask: Callable[..., tuple[int, Any]]) -> None:
    status, problem = ask("POST", "/echo/x", b"x" * 5_000_000, Content_Type="application/octet-stream")
    assert (status, problem["code"]) == (413, "body_too_large")
    assert ask("POST", "/echo/x", b"x" * 5_000_000, Content_Type="text/plain")[0] == 200


def test_answers_do_not_get_mixed_up_between_threads(port: int) -> None:
    wrong: list[str] = []

    def visit(name: str) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            for _ in range(5):
                connection.request("GET", f"/late/{name}")
                wrong.extend(found for found in [json.loads(connection.getresponse().read())["name"]] if found != name)

    visitors = [threading.Thread(target=visit, args=(f"visitor-{number}",)) for number in range(16)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(10)
    assert wrong == []
