"""One local stack for all tests over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.live.stack import Stack, running
from tests.stripe import Stripe, stripe_running


@pytest.fixture(scope="package")
def stripe() -> Iterator[Stripe]:
    with stripe_running() as started:
        yield started


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, stripe: Stripe) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("world") / "state"
    with running(state, ROLLBOOK_STRIPE_URL=stripe.url, ROLLBOOK_STRIPE_PAGES=stripe.url) as started:
        yield started


@pytest.fixture(scope="package")
def owner(stack: Stack) -> str:
    return stack.sign_in()


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Staff:
    """A staff member of the demo organisation, working over the API."""

    def __init__(self, stack: Stack, token: str) -> None:
        self.stack = stack
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        return self.stack.call(method, f"/v1/orgs/demo{path}", body, token=self.token, **more)

    def session(self, spots: int = 5, **more: Any) -> str:
        """Create a session ten days ahead and return its id."""
        body = {
            "title": "Swimming",
            "time_zone": "Europe/Paris",
            "spots_total": spots,
            "meetings": [{"starts_at": in_days(10), "ends_at": in_days(10.05)}],
            "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
            **more,
        }
        reply = self.call("POST", "/sessions", body)
        assert reply.status == 201, reply.body
        return str(reply.json["id"])

    def spots(self, session: str) -> dict[str, int]:
        spots: dict[str, int] = self.call("GET", f"/sessions/{session}").json["spots"]
        return spots

    def invite(self, session: str, email: str, **more: Any) -> Any:
        return self.call("POST", f"/sessions/{session}/invitations", {"email": email, **more})


@pytest.fixture
def staff(stack: Stack, owner: str) -> Staff:
    return Staff(stack, owner)
