"""Who cannot be reached is said in every answer about people, and staff can lift what bounced."""

from datetime import UTC, datetime

from chalicelib.tables import organisations
from tests.api.tenants import World


def bounced(email: str) -> None:
    now = datetime.now(UTC)
    organisations.note_bounce("demo", email, sent_at=now, reason="550 user unknown", now=now)


def test_answers_about_people_say_who_is_unreachable(world: World) -> None:
    demo = world.demo
    customer = demo.customer()
    booked = demo.register("", customer["email"])
    session, email = booked["session"], customer["email"]
    paths = [f"/sessions/{session}/roster", f"/customers?q={email}"]
    assert [demo.call("GET", path).json["unreachable"] for path in paths] == [[], []]
    assert demo.call("GET", f"/registrations/{booked['id']}").json["suppressed"] is None
    bounced(email)
    mark = [{"email": email, "suppressed": "bounced"}]
    assert [demo.call("GET", path).json["unreachable"] for path in paths] == [mark, mark]
    assert demo.call("GET", f"/registrations/{booked['id']}").json["suppressed"] == "bounced"
    for path in (f"/sessions/{session}/invitations", f"/sessions/{session}/waitlist"):
        assert demo.call("GET", path).json["unreachable"] == []


def test_a_bounce_is_lifted_and_said(world: World) -> None:
    demo = world.demo
    customer = demo.customer()
    path, email = f"/customers/{customer['id']}", customer["email"]
    bounced(email)
    assert demo.call("GET", path).json["bounce"]["reason"] == "550 user unknown"
    lifted = demo.call("POST", f"{path}/reachable")
    assert (lifted.status, [one["email"] for one in lifted.json["bounced"]]) == (200, [email])
    assert demo.call("GET", path).json["suppressed"] is None
    assert demo.call("POST", f"{path}/reachable").json["bounced"] == []


def test_a_complaint_is_not_lifted(world: World) -> None:
    demo = world.demo
    customer = demo.customer()
    organisations.note_complaint("demo", customer["email"], kind="portal_invitation", now=datetime.now(UTC))
    refused = demo.call("POST", f"/customers/{customer['id']}/reachable")
    assert (refused.status, refused.json["code"]) == (409, "complained")
    assert demo.call("GET", f"/customers/{customer['id']}").json["complaints"] == ["portal_invitation"]


def test_a_confirmation_is_sent_again_five_times_an_hour(world: World) -> None:
    demo = world.demo
    booked = demo.register()
    path = f"/registrations/{booked['id']}/confirmation"
    responses = [demo.call("POST", path) for _ in range(6)]
    assert [response.status for response in responses] == [202] * 5 + [429]
    assert int(responses[-1].headers["retry-after"]) > 3500
    assert all(response.json["message"] for response in responses[:5])


def test_an_unreachable_address_is_refused_with_what_to_do(world: World) -> None:
    demo = world.demo
    booked = demo.register()
    bounced(booked["email"])
    refused = demo.call("POST", f"/registrations/{booked['id']}/confirmation")
    assert (refused.status, refused.json["code"]) == (409, "unreachable")
    assert "Correct the address" in refused.json["detail"]
