"""Staff over HTTP."""

import pytest

from tests.aws import Demo
from tests.http import call

STAFF = "/v1/orgs/demo/staff"
ANA = {"email": "Ana@Example.org", "name": "Ana", "role": "viewer"}


def test_an_owner_invites_lists_changes_and_removes(demo_org: Demo) -> None:
    made = call("POST", STAFF, ANA, token=demo_org.owner)
    assert made.status == 201
    assert (made.json["email"], made.json["role"], made.json["status"]) == ("Ana@Example.org", "viewer", "invited")
    listed = call("GET", STAFF, token=demo_org.owner)
    assert listed.status == 200
    assert listed.json["items"][0] == made.json
    assert len(listed.json["items"]) == 5
    assert listed.json["next"] is None
    one = f"{STAFF}/{made.json['user']}"
    assert call("PATCH", one, {"role": "manager"}, token=demo_org.owner).json["role"] == "manager"
    assert call("DELETE", one, token=demo_org.owner).status == 204
    assert call("DELETE", one, token=demo_org.owner).status == 404


def test_the_list_has_pages(demo_org: Demo) -> None:
    first = call("GET", f"{STAFF}?limit=3", token=demo_org.owner).json
    second = call("GET", f"{STAFF}?limit=3&cursor={first['next']}", token=demo_org.owner).json
    assert [one["user"] for one in first["items"] + second["items"]] == [
        f"user-{role}" for role in ("leader", "manager", "owner", "viewer")
    ]
    assert second["next"] is None


def test_the_same_address_again_answers_409(demo_org: Demo) -> None:
    call("POST", STAFF, ANA, token=demo_org.owner)
    for email in ("ana@example.org", "viewer@demo.test"):
        again = call("POST", STAFF, {**ANA, "email": email}, token=demo_org.owner)
        assert (again.status, again.json["code"]) == (409, "already_staff")


def test_a_retry_under_one_key_invites_once(demo_org: Demo) -> None:
    first, second = (call("POST", STAFF, ANA, token=demo_org.owner, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.status == second.status == 201
    assert first.json == second.json
    assert second.headers["idempotent-replayed"] == "true"


def test_the_last_owner_stays(demo_org: Demo) -> None:
    one = f"{STAFF}/user-owner"
    for response in (call("PATCH", one, {"role": "viewer"}, token=demo_org.owner), call("DELETE", one, token=demo_org.owner)):
        assert (response.status, response.json["code"]) == (409, "last_owner")


def test_a_new_role_and_a_removal_take_effect_at_once(demo_org: Demo) -> None:
    assert call("PATCH", "/v1/orgs/demo", {}, token=demo_org.manager).status == 403
    call("PATCH", f"{STAFF}/user-manager", {"role": "owner"}, token=demo_org.owner)
    assert call("PATCH", "/v1/orgs/demo", {}, token=demo_org.manager).status == 200
    call("DELETE", f"{STAFF}/user-manager", token=demo_org.owner)
    assert call("GET", "/v1/orgs/demo", token=demo_org.manager).status == 404


@pytest.mark.parametrize("role", ["manager", "viewer"])
def test_staff_is_for_owners_only(role: str, demo_org: Demo) -> None:
    token = getattr(demo_org, role)
    for method, path, sent in (
        ("GET", STAFF, None),
        ("POST", STAFF, ANA),
        ("PATCH", f"{STAFF}/user-viewer", {"role": "owner"}),
        ("DELETE", f"{STAFF}/user-owner", None),
    ):
        assert call(method, path, sent, token=token).status == 403


def test_all_faults_of_the_input_are_reported_at_once(demo_org: Demo) -> None:
    response = call("POST", STAFF, {"email": "no", "name": "a\nb", "role": "king", "org": "other"}, token=demo_org.owner)
    assert response.status == 422
    assert response.faults == {
        ("/email", "not_an_address"),
        ("/name", "control_characters"),
        ("/role", "not_one_of"),
        ("/org", "unknown_field"),
    }
