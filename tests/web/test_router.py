"""The routes declared to API Gateway, and the answers at known paths, at unknown paths, and to other methods."""

from collections.abc import Iterator

import pytest
from chalice.config import Config
from chalice.deploy.swagger import TemplatedSwaggerGenerator
from chalice.deploy.validate import validate_configuration

from app import app
from chalicelib.web import router
from chalicelib.web.call import Call
from chalicelib.web.routes import ROUTES
from tests.http import Response, call

ROOM = 280
"""A REST API has room for 300 resources; twenty are left for what must not wait."""
CATCH_ALLS = {"/", "/{proxy+}", "/v1", "/v1/{proxy+}"}
EVERY_METHOD = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
REQUESTED = {"authorization", "content-type", "idempotency-key", "if-match", "accept-language"}
EXPOSED = "etag, location, retry-after, idempotent-replayed"


def declared() -> dict[str, set[str]]:
    """Return the methods of every path of the API, HEAD with GET."""
    found: dict[str, set[str]] = {}
    for method, path in (route for routes in ROUTES.values() for route in routes):
        if path.startswith("/v1/"):
            found.setdefault(path, set()).update({method, "HEAD"} if method == "GET" else {method})
    return found


def resources() -> Iterator[str]:
    """Yield the resources that API Gateway makes of the paths: one for each path and for each of its parents."""
    for path in app.routes:
        parts = path.strip("/").split("/")
        yield from ("/".join(parts[:length]) for length in range(len(parts) + 1))


def readable_elsewhere(response: Response) -> None:
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-expose-headers"] == EXPOSED
    assert "access-control-allow-credentials" not in response.headers


def test_api_gateway_knows_every_route_of_the_api_and_catch_alls() -> None:
    known = {path: set(views) for path, views in app.routes.items()}
    assert known == {**declared(), **dict.fromkeys(CATCH_ALLS, EVERY_METHOD)}


def test_api_gateway_has_room_for_them() -> None:
    assert len(set(resources())) < ROOM


def test_each_path_position_has_one_parameter_name() -> None:
    """API Gateway refuses two parameters with different names at the same place in paths."""
    names: dict[str, set[str]] = {}
    for resource in set(resources()):
        parent, _, part = resource.rpartition("/")
        if part.startswith("{"):
            names.setdefault(parent, set()).add(part)
    assert all(len(found) == 1 for found in names.values()), names


def test_chalice_takes_the_routes_and_describes_each() -> None:
    validate_configuration(Config.create(chalice_app=app, app_name="rollbook", project_dir=".", manage_iam_role=True))
    described = TemplatedSwaggerGenerator().generate_swagger(app)["paths"]
    assert described.keys() == app.routes.keys()
    for path, methods in declared().items():
        assert {method.upper() for method in described[path]} == {*methods, "OPTIONS"}, path


@pytest.mark.parametrize("path", sorted(declared()))
def test_a_preflight_is_answered_with_the_methods_of_the_path(path: str) -> None:
    response = call("OPTIONS", path.replace("{", "").replace("}", ""), headers={"Origin": "https://client.example"})
    assert (response.status, response.text) == (200, "")
    readable_elsewhere(response)
    assert set(response.headers["access-control-allow-methods"].split(",")) == {*declared()[path], "OPTIONS"}
    assert set(response.headers["access-control-allow-headers"].lower().split(",")) >= REQUESTED
    assert response.headers["access-control-max-age"] == "7200"


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/orgs/demo/nothing"])
def test_a_preflight_of_no_route_lets_its_404_be_read(path: str) -> None:
    response = call("OPTIONS", path)
    assert response.status == 200
    assert set(response.headers["access-control-allow-methods"].split(",")) == {*EVERY_METHOD, "OPTIONS"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/health", 200),
        ("HEAD", "/v1/health", 200),
        ("GET", "/v1/openapi.json", 200),
        ("GET", "/v1/me", 401),
        ("GET", "/v1/me/calendar.ics", 401),
        ("GET", "/v1/orgs/demo/orders", 401),
        ("GET", "/v1", 404),
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/health", 405),
        ("POST", "/v1/auth/sign-in", 400),
    ],
)
def test_every_answer_of_the_api_can_be_read_by_pages_elsewhere(method: str, path: str, status: int) -> None:
    response = call(method, path, "{" if method == "POST" else None)
    assert response.status == status
    readable_elsewhere(response)


def test_so_can_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_call: Call) -> None:
        raise RuntimeError

    monkeypatch.setitem(router._handlers, ("GET", "/v1/health"), fails)
    response = call("GET", "/v1/health")
    assert response.status == 500
    readable_elsewhere(response)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 200), ("GET", "/nothing", 404), ("GET", "/v10/health", 404)])
def test_pages_are_for_their_own_origin(method: str, path: str, status: int) -> None:
    response = call(method, path)
    assert response.status == status
    assert not [name for name in response.headers if name.startswith("access-control-")]
    assert call("OPTIONS", path).status == 404


@pytest.mark.parametrize("path", ["/v1/health", "/v1/me", "/v1/nothing", "/", "/docs", "/nothing", "/static/nothing", "/o/demo"])
def test_head_is_answered_as_get_without_the_body(path: str) -> None:
    got, head = call("GET", path), call("HEAD", path)
    assert (head.status, head.text) == (got.status, "")
    assert {**head.headers, "x-request-id": ""} == {**got.headers, "x-request-id": ""}


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/orgs/demo/nothing", "/v1/a/b/c/d/e/f/g", "/v1/orgs//sessions"])
@pytest.mark.parametrize("method", sorted(EVERY_METHOD - {"HEAD"}))
def test_an_unknown_route_of_the_api_answers_with_a_problem(path: str, method: str) -> None:
    response = call(method, path)
    assert (response.status, response.json["code"], response.headers["content-type"]) == (404, "not_found", "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/orgs/demo/sessions", "GET, HEAD, POST"),
        ("GET", "/v1/orgs/demo/customers/invite", "POST"),
        ("HEAD", "/v1/auth/sign-in", "POST"),
        ("PUT", "/v1/health/", "GET, HEAD"),
    ],
)
def test_a_route_says_what_methods_it_takes(method: str, path: str, allowed: str) -> None:
    response = call(method, path)
    assert (response.status, response.headers["allow"]) == (405, allowed)
    if method != "HEAD":
        assert (response.json["code"], response.json["detail"]) == (
            "method_not_allowed",
            f"Use one of the methods of this address: {allowed}.",
        )


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/nothing", "/a/b/c/d/e/f/g/h/i", "/o/demo/nothing", "/i/a/b", "/sign-out/x", "/a" * 40])
def test_an_unknown_page_answers_with_the_404_page(path: str, method: str) -> None:
    response = call(method, path)
    assert response.status == 404
    assert "Go to the start page" in response.text


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS"])
def test_methods_that_nothing_takes_get_the_answer_of_api_gateway(method: str) -> None:
    response = call(method, "/o/demo")
    assert (response.status, response.json["code"], response.headers["content-type"]) == (404, "not_found", "application/problem+json")
