"""Who is signed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chalicelib.tables import members
from tests.conftest import Demo
from tests.http import call


def test_somebody_reads_who_they_are_and_where_they_belong(demo_org: Demo) -> None:
    answer = call("GET", "/v1/me", token=demo_org.manager)
    assert answer.status == 200
    assert answer.json == {
        "user": "user-manager",
        "email": "manager@demo.test",
        "name": "The manager",
        "memberships": [{"org": "demo", "role": "manager"}],
        "customer_of": [],
    }


def test_an_account_without_any_organisation_is_somebody_too(tables: None, token_for: Callable[..., str]) -> None:
    answer = call("GET", "/v1/me", token=token_for("nobody"))
    assert (answer.status, answer.json["memberships"], answer.json["email"]) == (200, [], "")


def test_without_a_token_nobody_is_signed_in(tables: None) -> None:
    answer = call("GET", "/v1/me")
    assert (answer.status, answer.json["code"]) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_tokens_of_before_the_end_of_all_sessions_count_nowhere(demo_org: Demo) -> None:
    member = members.get("demo", "user-manager")
    assert member
    members.end_sessions(member, now=datetime.now(UTC) + timedelta(seconds=2))
    assert call("GET", "/v1/me", token=demo_org.manager).status == 401
    assert call("GET", "/v1/orgs/demo", token=demo_org.manager).status == 401
    assert call("GET", "/v1/orgs/demo", token=demo_org.viewer).status == 200
