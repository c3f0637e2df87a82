"""CORS checks over HTTP for any running application: the local stack must answer as a deployment does."""

from tests.live.stack import Reply, Stack

ELSEWHERE = {"Origin": "https://client.example"}
HEADERS = {"authorization", "content-type", "idempotency-key", "if-match", "accept-language"}
PREFLIGHTS = {
    "/v1/orgs/demo/sessions": "GET HEAD POST OPTIONS",
    "/v1/orgs/demo/customers/c/export": "GET HEAD OPTIONS",
    "/v1/auth/sign-in": "POST OPTIONS",
    "/v1/nothing/here": "GET HEAD POST PUT PATCH DELETE OPTIONS",
}
"""Paths with their methods; an unknown path allows every method, so that its 404 can be read."""
RESPONSES = [
    ("GET", "/v1/health", 200, None),
    ("GET", "/v1/me", 401, "not_signed_in"),
    ("GET", "/v1/orgs/demo/nothing", 404, "not_found"),
    ("DELETE", "/v1/health", 405, "method_not_allowed"),
    ("GET", "/v1/orgs/demo/customers/invite", 405, "method_not_allowed"),
]
"""Method, path, status, and the code of a problem."""
WITH_GET = ("/v1/health", "/v1/nothing", "/", "/docs", "/nothing")


def readable_elsewhere(response: Reply) -> None:
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-expose-headers"] == "etag, location, retry-after, idempotent-replayed"
    assert "access-control-allow-credentials" not in response.headers


def check_preflight(stack: Stack, path: str) -> None:
    response = stack.call("OPTIONS", path, headers={**ELSEWHERE, "Access-Control-Request-Method": "GET"})
    assert response.status in {200, 204}
    readable_elsewhere(response)
    assert set(response.headers["access-control-allow-methods"].split(",")) == set(PREFLIGHTS[path].split())
    assert set(response.headers["access-control-allow-headers"].lower().split(",")) >= HEADERS
    assert response.headers["access-control-max-age"] == "7200"


def check_response(stack: Stack, method: str, path: str, status: int, code: str | None) -> None:
    response = stack.call(method, path, headers=ELSEWHERE)
    assert (response.status, response.json.get("code")) == (status, code)
    readable_elsewhere(response)


def check_head(stack: Stack, path: str) -> None:
    got, head = stack.call("GET", path), stack.call("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


def check_pages(stack: Stack) -> None:
    """Check that pages have no CORS, and that API Gateway's own refusals are problems."""
    page, missing = stack.call("GET", "/", headers=ELSEWHERE), stack.call("GET", "/o/demo/no/such/page/anywhere/at/all", headers=ELSEWHERE)
    assert (page.status, missing.status) == (200, 404)
    assert "Go to the start page" in missing.body.decode()
    assert "access-control-allow-origin" not in page.headers | missing.headers
    refused = stack.call("OPTIONS", "/o/demo")
    assert (refused.status, refused.json["code"], refused.headers["content-type"]) == (404, "not_found", "application/problem+json")
