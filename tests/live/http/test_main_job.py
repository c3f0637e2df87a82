"""The main journey over HTTP, using the published contract only."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live.http.conftest import Staff, in_days
from tests.live.stack import Stack, eventually

pytestmark = pytest.mark.live


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}@example.org"


def claim_of(link: str) -> str:
    return "/v1/invitations/" + link.rpartition("/i/")[2]


def person(email: str, child: str = "Kim", **more: Any) -> dict[str, Any]:
    return {"email": email, "name": "A Parent", "participants": [{"name": child}], **more}


def test_an_invitation_holds_a_spot_from_the_roster_to_the_mail_to_the_roster(stack: Stack, staff: Staff) -> None:
    session, ana = staff.session(spots=2), fresh("ana")
    invited = staff.invite(session, ana)
    assert invited.status == 201
    invitation = invited.json
    assert (invitation["status"], invitation["spots_held"], invitation["extra"], invitation["mail"]) == ("pending", 1, 0, "queued")
    assert staff.spots(session) == {"total": 2, "taken": 0, "held": 1, "extra": 0, "free": 1}

    mail = stack.mail(ana)
    link = invitation["link"]
    assert mail["text"].splitlines()[0] == link
    assert link in mail["html"]
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    before = staff.call("GET", f"/sessions/{session}/roster").json
    for _ in range(3):
        looked = stack.call("GET", claim_of(link))
        assert looked.status == 200
        assert looked.json["session"]["id"] == session
        assert ana not in looked.body.decode()
    assert staff.call("GET", f"/sessions/{session}/roster").json == before

    accepted = stack.call("POST", claim_of(link) + "/accept", person(ana))
    assert accepted.status == 201
    assert stack.call("POST", claim_of(link) + "/accept", person(ana)).status == 200
    refused = stack.call("POST", claim_of(link) + "/accept", person(fresh("bob")))
    assert (refused.status, refused.json["code"]) == (409, "already_used")
    assert staff.spots(session) == {"total": 2, "taken": 1, "held": 0, "extra": 0, "free": 1}

    cancelled = staff.call("POST", f"/invitations/{invitation['id']}/cancel")
    assert (cancelled.status, cancelled.json["code"]) == (409, "already_accepted")
    (registration,) = staff.call("GET", f"/sessions/{session}/roster").json["registrations"]
    assert (registration["source"], registration["email"], registration["participants"]) == ("invitation", ana, [{"name": "Kim"}])
    assert "Kim" in stack.mail(ana, count=2)["text"]


def test_cancelling_frees_the_spot_and_invalidates_the_link(stack: Stack, staff: Staff) -> None:
    session = staff.session(spots=1)
    invitation = staff.invite(session, fresh("ana")).json
    assert staff.call("POST", f"/invitations/{invitation['id']}/cancel").status == 200
    assert staff.spots(session)["free"] == 1
    over = stack.call("GET", claim_of(invitation["link"]))
    assert (over.status, over.json["invitation_status"]) == (410, "cancelled")
    assert stack.call("POST", claim_of(invitation["link"]) + "/accept", person(fresh("x"))).status == 410


def test_a_full_session_asks_before_it_grows_by_an_extra(staff: Staff) -> None:
    session = staff.session(spots=1)
    assert staff.invite(session, fresh("ana")).status == 201
    ben = fresh("ben")
    full = staff.invite(session, ben)
    assert (full.status, full.json["code"]) == (409, "session_full")
    extra = staff.invite(session, ben, confirm_over_capacity=True)
    assert (extra.status, extra.json["extra"]) == (201, 1)
    assert staff.spots(session) == {"total": 1, "taken": 0, "held": 2, "extra": 1, "free": 0}
    assert staff.call("POST", f"/invitations/{extra.json['id']}/cancel").status == 200
    assert staff.spots(session) == {"total": 1, "taken": 0, "held": 1, "extra": 0, "free": 0}


def test_one_live_invitation_for_each_address(staff: Staff) -> None:
    session, ana = staff.session(), fresh("Ana")
    first = staff.invite(session, ana).json
    second = staff.invite(session, f"  {ana.upper()} ")
    assert (second.status, second.json["code"], second.json["invitation"]) == (409, "already_invited", first["id"])
    staff.call("POST", f"/invitations/{first['id']}/cancel")
    assert staff.invite(session, ana).status == 201


def test_resending_keeps_link_and_hold_and_rotating_makes_a_new_link(stack: Stack, staff: Staff) -> None:
    session, ana = staff.session(), fresh("ana")
    invitation = staff.invite(session, ana).json
    stack.mail(ana)
    again = staff.call("POST", f"/invitations/{invitation['id']}/resend", {})
    assert (again.status, again.json["link"]) == (200, invitation["link"])
    assert stack.mail(ana, count=2)["text"].splitlines()[0] == invitation["link"]
    rotated = staff.call("POST", f"/invitations/{invitation['id']}/resend", {"rotate": True}).json
    assert rotated["link"] != invitation["link"]
    assert stack.call("GET", claim_of(invitation["link"])).status == 410
    assert stack.call("GET", claim_of(rotated["link"])).status == 200
    assert staff.spots(session)["held"] == 1
    for _ in range(3):
        assert staff.call("POST", f"/invitations/{invitation['id']}/resend").status == 200
    stopped = staff.call("POST", f"/invitations/{invitation['id']}/resend")
    assert stopped.status == 429
    assert int(stopped.headers["retry-after"]) > 0


def test_forwarding_is_open_locked_or_to_be_approved(stack: Stack, staff: Staff) -> None:
    session, ana, bob = staff.session(spots=5), fresh("ana"), fresh("bob")
    locked = staff.invite(session, ana, forwarding="locked").json
    refused = stack.call("POST", claim_of(locked["link"]) + "/accept", person(bob))
    assert (refused.status, refused.json["code"]) == (403, "other_address")
    assert stack.call("POST", claim_of(locked["link"]) + "/accept", person(ana.upper())).status == 201

    waiting = staff.invite(session, fresh("cleo"), forwarding="approve").json
    response = stack.call("POST", claim_of(waiting["link"]) + "/accept", person(bob, "Bo"))
    assert (response.status, response.json["status"]) == (202, "waiting_for_approval")
    assert staff.spots(session)["held"] == 1
    assert staff.call("POST", f"/invitations/{waiting['id']}/approve").status == 200
    opened = staff.invite(session, fresh("dora")).json
    assert stack.call("POST", claim_of(opened["link"]) + "/accept", person(bob, "Bea")).status == 201
    roster = staff.call("GET", f"/sessions/{session}/roster").json
    assert {(entry["invited_email"], entry["email"]) for entry in roster["registrations"] if entry["email"] == bob} == {
        (waiting["email"], bob),
        (opened["email"], bob),
    }
    used = next(entry for entry in roster["invitations"] if entry["id"] == opened["id"])
    assert used["status"] == "accepted"


def test_before_registration_opens_only_the_invited_may_register(stack: Stack, staff: Staff) -> None:
    session = staff.session(registration_opens_at=in_days(2))
    public = stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", person(fresh("ana"), party_size=1))
    assert (public.status, public.json["code"]) == (409, "registration_not_open")
    invitation = staff.invite(session, fresh("ben")).json
    assert stack.call("POST", claim_of(invitation["link"]) + "/accept", person(invitation["email"])).status == 201


def test_an_expired_invitation_is_inert_and_its_spot_free_at_once(stack: Stack, staff: Staff) -> None:
    session = staff.session(spots=1)
    invitation = soon_over(staff, session)
    eventually(lambda: stack.call("GET", claim_of(invitation["link"])).status == 410 or None)
    assert staff.spots(session)["free"] == 1
    assert stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", person(fresh("ben"))).status == 201
    assert stack.call("POST", claim_of(invitation["link"]) + "/accept", person(invitation["email"])).status == 410
    assert staff.spots(session) == {"total": 1, "taken": 1, "held": 0, "extra": 0, "free": 0}
    assert staff.call("POST", f"/invitations/{invitation['id']}/revive").json["code"] == "session_full"


def soon_over(staff: Staff, session: str) -> Any:
    """Return an invitation that expires within seconds. A slow machine may need more of them to make it."""
    for seconds in (2, 4, 8, 16, 32):
        made = staff.invite(session, fresh("ana"), expires_at=in_days(seconds / 86400))
        if made.status == 201:
            return made.json
    raise AssertionError(made.body)


def test_forty_people_for_seven_spots(stack: Stack, staff: Staff) -> None:
    session = staff.session(spots=7)
    path = f"/v1/portal/demo/sessions/{session}/registrations"
    with ThreadPoolExecutor(40) as pool:
        replies = list(pool.map(lambda n: stack.call("POST", path, person(fresh(f"p{n}"), party_size=1)), range(40)))
    assert sorted(reply.status for reply in replies) == [201] * 7 + [409] * 33
    assert {reply.json["code"] for reply in replies if reply.status == 409} == {"session_full"}
    assert staff.spots(session) == {"total": 7, "taken": 7, "held": 0, "extra": 0, "free": 0}


def test_a_retried_request_acts_once(staff: Staff) -> None:
    session, ana = staff.session(), fresh("ana")
    key = {"Idempotency-Key": uuid.uuid4().hex}
    path = f"/sessions/{session}/invitations"
    first = staff.call("POST", path, {"email": ana}, headers=key)
    again = staff.call("POST", path, {"email": ana}, headers=key)
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = staff.call("POST", path, {"email": fresh("ben")}, headers=key)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert staff.spots(session)["held"] == 1


def test_all_faults_of_a_body_are_reported_at_once(staff: Staff) -> None:
    session = staff.session()
    reply = staff.invite(session, "nobody", party_size=0, colour="red")
    assert (reply.status, reply.json["code"]) == (422, "validation_failed")
    assert {fault["field"] for fault in reply.json["errors"]} == {"/email", "/party_size", "/colour"}


def test_unauthorised_callers_and_unknown_resources(stack: Stack, staff: Staff) -> None:
    session = staff.session()
    path = f"/v1/orgs/demo/sessions/{session}"
    assert stack.call("GET", path).status == 401
    assert stack.call("GET", path, token="nonsense").status == 401
    assert staff.call("GET", "/sessions/nothing").status == 404
    assert stack.call("GET", "/v1/orgs/elsewhere/sessions", token=staff.token).status == 404
    assert stack.call("GET", "/v1/invitations/no.such.token.here").status == 404
    malformed = staff.call("POST", f"/sessions/{session}/invitations", b"{nope")
    assert (malformed.status, malformed.json["code"]) == (400, "malformed_json")
    assert staff.call("GET", "/sessions?cursor=made-up").json["code"] == "bad_cursor"
    for reply in (malformed, stack.call("GET", path)):
        assert reply.headers["content-type"] == "application/problem+json"
        assert set(reply.json) >= {"type", "title", "status", "detail", "code"}


def test_a_session_moved_into_the_past_takes_its_invitations_along(stack: Stack, staff: Staff) -> None:
    session = staff.session()
    invitation = staff.invite(session, fresh("ana")).json
    earlier = {"meetings": [{"starts_at": in_days(-0.1), "ends_at": in_days(0.1)}]}
    assert staff.call("PATCH", f"/sessions/{session}", earlier).status == 200
    over = stack.call("POST", claim_of(invitation["link"]) + "/accept", person(invitation["email"]))
    assert (over.status, over.json["invitation_status"]) == (410, "expired")


def test_declining_frees_the_spot(stack: Stack, staff: Staff) -> None:
    session = staff.session(spots=1)
    invitation = staff.invite(session, fresh("ana")).json
    assert stack.call("POST", claim_of(invitation["link"]) + "/decline").status == 204
    assert staff.spots(session)["free"] == 1
    over = stack.call("GET", claim_of(invitation["link"]))
    assert (over.status, over.json["invitation_status"]) == (410, "declined")


def test_the_schedules_sweep_expired_invitations_by_the_given_clock(stack: Stack, staff: Staff) -> None:
    session = staff.session()
    invitation = staff.invite(session, fresh("ana")).json
    stack.run_schedules(now=in_days(8))
    assert staff.call("GET", f"/invitations/{invitation['id']}").json["status"] == "expired"
    revived = staff.call("POST", f"/invitations/{invitation['id']}/revive")
    assert (revived.status, revived.json["link"]) == (200, invitation["link"])
    assert staff.spots(session)["held"] == 1


def test_links_in_mails_lead_to_pages(stack: Stack, staff: Staff) -> None:
    invitation = staff.invite(staff.session(), fresh("ana")).json
    text = stack.mail(invitation["email"])["text"]
    for link in set(re.findall(r"http://127\.0\.0\.1:\d+(/\S+)", text)):
        assert stack.call("GET", link).status == 200, link


def test_a_second_invitation_names_the_first_even_on_a_full_session(staff: Staff) -> None:
    session, ana = staff.session(spots=1), fresh("ana")
    first = staff.invite(session, ana).json
    for more in ({}, {"confirm_over_capacity": True}):
        second = staff.invite(session, ana, **more)
        assert (second.status, second.json["code"], second.json["invitation"]) == (409, "already_invited", first["id"])
    assert staff.spots(session)["held"] == 1
