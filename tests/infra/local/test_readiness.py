"""The local stack says that it is ready once people can sign in."""

import json

import pytest

from infra.local import readiness
from infra.local.http_server import Request, Response


class Application:
    """Answers with these statuses, one after another, and notes what it was asked."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)
        self.requests: list[str] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request.path)
        return Response(self._statuses.pop(0), json.dumps({"access_token": "token"}).encode())


def ready(application: Application) -> bool:
    return readiness.wait_for_sign_in(application, email="owner@demo.test", password="demo-Passw0rd!", host="127.0.0.1:8000")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PAUSE", 0)


def test_it_waits_for_the_user_pool_and_for_its_keys() -> None:
    application = Application(503, 503, 200, 503, 200, 200)
    assert ready(application)
    assert application.requests == [*["/v1/auth/sign-in"] * 3, "/v1/me", "/v1/auth/sign-in", "/v1/me"]


@pytest.mark.parametrize("status", [202, 401])
def test_a_second_factor_or_another_password_is_an_answer_too(status: int) -> None:
    assert ready(Application(status))


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "SECONDS", -1)
    assert not ready(Application(503, 503))
