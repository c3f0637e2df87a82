"""The signed-in user."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chalicelib.tables import staff
from chalicelib.web.auth import end_sign_in
from tests.aws import Demo
from tests.http import call
from tests.tokens import SigningKey


def test_a_user_reads_their_account_and_organisations(demo_org: Demo) -> None:
    response = call("GET", "/v1/me", token=demo_org.manager)
    assert response.status == 200
    assert response.json == {
        "user": "user-manager",
        "email": "manager@demo.test",
        "name": "The manager",
        "language": None,
        "memberships": [{"org": "demo", "role": "manager"}],
        "customer_of": [],
    }


def test_an_account_without_an_organisation_is_answered(tables: None, token_for: Callable[..., str]) -> None:
    response = call("GET", "/v1/me", token=token_for("nobody"))
    assert (response.status, response.json["memberships"], response.json["email"]) == (200, [], "")


def test_without_a_token_the_answer_is_401(tables: None) -> None:
    response = call("GET", "/v1/me")
    assert (response.status, response.json["code"]) == (401, "not_signed_in")
    assert response.headers["www-authenticate"] == "Bearer"


def test_signing_out_with_both_tokens_ends_the_access_token_too(demo_org: Demo, sign_key: SigningKey) -> None:
    own, other = (sign_key.token("user-manager", origin_jti=id) for id in ("one", "two"))
    assert [call("GET", "/v1/orgs/demo", token=token).status for token in (own, other)] == [200, 200]
    for _ in range(2):
        end_sign_in(own, now=datetime.now(UTC))
    end_sign_in("no token", now=datetime.now(UTC))
    assert [call("GET", "/v1/orgs/demo", token=token).status for token in (own, other)] == [401, 200]


def test_tokens_issued_before_a_global_sign_out_are_refused(demo_org: Demo) -> None:
    member = staff.get("demo", "user-manager")
    assert member
    staff.end_sessions(member, now=datetime.now(UTC) + timedelta(seconds=2))
    assert call("GET", "/v1/me", token=demo_org.manager).status == 401
    assert call("GET", "/v1/orgs/demo", token=demo_org.manager).status == 401
    assert call("GET", "/v1/orgs/demo", token=demo_org.viewer).status == 200
