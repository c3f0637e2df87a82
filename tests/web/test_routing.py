"""Every path leads to the one function; which address it is, is decided there."""

import pytest

from app import app
from chalicelib.web.routes import ROUTES
from tests.http import call


def test_api_gateway_has_room_for_every_address() -> None:
    """A REST API has room for three hundred resources, and a path may be as long as the longest that is declared."""
    assert len(app.routes) < 20
    longest = max(path.count("/") for routes in ROUTES.values() for _, path in routes)
    assert max(path.count("/") for path in app.routes) > longest


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/orgs/demo/nothing", "/v1/a/b/c/d/e/f/g"])
def test_what_is_no_address_of_the_api_is_a_problem(path: str) -> None:
    answer = call("GET", path)
    assert (answer.status, answer.json["code"], answer.headers["content-type"]) == (404, "not_found", "application/problem+json")


def test_an_address_says_what_methods_it_takes() -> None:
    answer = call("DELETE", "/v1/orgs/demo/sessions")
    assert (answer.status, answer.json["code"], answer.headers["allow"]) == (405, "method_not_allowed", "GET, POST")
    assert answer.json["detail"] == "This address takes other methods: GET, POST."


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/nothing", "/a/b/c/d/e/f/g/h/i", "/o/demo/nothing", "/i/a/b", "/sign-out/x"])
def test_what_is_no_address_of_a_page_is_a_page(path: str, method: str) -> None:
    answer = call(method, path)
    assert answer.status == 404
    assert "Go to the start page" in answer.text


def test_longer_paths_get_the_answer_of_api_gateway() -> None:
    assert call("GET", "/a" * 11).status == 403
