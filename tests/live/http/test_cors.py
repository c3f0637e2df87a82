"""CORS and HEAD on the local stack."""

import pytest

from tests.live import cors
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live


@pytest.mark.parametrize("path", cors.PREFLIGHTS)
def test_a_preflight(stack: Stack, path: str) -> None:
    cors.check_preflight(stack, path)


@pytest.mark.parametrize(("method", "path", "status", "code"), cors.RESPONSES)
def test_answers_can_be_read(stack: Stack, method: str, path: str, status: int, code: str | None) -> None:
    cors.check_response(stack, method, path, status, code)


@pytest.mark.parametrize("path", cors.WITH_GET)
def test_head(stack: Stack, path: str) -> None:
    cors.check_head(stack, path)


def test_pages(stack: Stack) -> None:
    cors.check_pages(stack)


def test_csv_and_oversized_answers_can_be_read(stack: Stack, staff: Staff) -> None:
    table = staff.call("GET", f"/sessions/{staff.session()}/roster.csv", headers=cors.ELSEWHERE)
    assert (table.status, table.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    cors.readable_elsewhere(table)
    for size in (300_000, 7_000_000):
        response = stack.call("POST", "/v1/auth/sign-in", b"x" * size, headers=cors.ELSEWHERE)
        assert (response.status, response.json["code"]) == (413, "body_too_large")
        cors.readable_elsewhere(response)
