"""Concurrent requests to the running application: one key, one link, one version, one last spot."""

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live.http.conftest import Staff
from tests.live.stack import Reply, Stack

pytestmark = pytest.mark.live
PEOPLE = 12


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}@example.org"


def claim_of(invitation: Any) -> str:
    return "/v1/invitations/" + str(invitation["link"]).rpartition("/i/")[2]


def person(email: str, child: str = "Kim") -> dict[str, Any]:
    return {"email": email, "name": "A Parent", "participants": [{"name": child}]}


def at_once(do: Callable[[int], Reply], times: int = PEOPLE) -> list[Reply]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(do, range(times)))


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


def test_one_key_creates_one_record(staff: Staff) -> None:
    session, email, key = staff.session(), fresh("ana"), {"Idempotency-Key": uuid.uuid4().hex}
    replies = at_once(lambda _: staff.call("POST", f"/sessions/{session}/invitations", {"email": email}, headers=key))
    assert set(statuses(replies)) <= {201, 409}
    assert {reply.json["code"] for reply in replies if reply.status == 409} <= {"in_progress"}
    made = [reply for reply in replies if reply.status == 201]
    assert len({reply.json["id"] for reply in made}) == 1
    assert sum("idempotent-replayed" not in reply.headers for reply in made) == 1
    again = staff.call("POST", f"/sessions/{session}/invitations", {"email": email}, headers=key)
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert staff.spots(session)["held"] == 1


def test_one_address_gets_one_invitation(staff: Staff) -> None:
    session, email = staff.session(spots=50), fresh("ana")
    replies = at_once(lambda _: staff.invite(session, email))
    assert statuses(replies)[201] == 1
    assert {reply.json["code"] for reply in replies if reply.status != 201} <= {"already_invited", "busy"}
    assert staff.spots(session)["held"] == 1


def test_one_link_is_accepted_once(stack: Stack, staff: Staff) -> None:
    session = staff.session()
    invitation = staff.invite(session, fresh("ana")).json
    replies = at_once(lambda n: stack.call("POST", claim_of(invitation) + "/accept", person(fresh(f"p{n}"))))
    assert statuses(replies) == {201: 1, 409: PEOPLE - 1}
    winner = next(reply.json for reply in replies if reply.status == 201)
    roster = staff.call("GET", f"/sessions/{session}/roster").json
    assert [entry["email"] for entry in roster["registrations"]] == [winner["email"]]
    assert staff.spots(session)["taken"] == 1


def test_concurrent_submits_of_one_person_register_once(stack: Stack, staff: Staff) -> None:
    session, ana = staff.session(), fresh("ana")
    invitation = staff.invite(session, ana).json
    replies = at_once(lambda _: stack.call("POST", claim_of(invitation) + "/accept", person(ana)))
    assert set(statuses(replies)) <= {200, 201, 503}
    assert statuses(replies)[201] == 1
    assert len({reply.json["id"] for reply in replies if reply.status < 300}) == 1
    path = f"/v1/portal/demo/sessions/{session}/registrations"
    replies = at_once(lambda _: stack.call("POST", path, person(ana, "Lee")))
    assert statuses(replies)[201] == 1
    assert {reply.json["code"] for reply in replies if reply.status != 201} <= {"already_registered", "busy"}
    assert staff.spots(session)["taken"] == 2


def test_one_version_is_changed_once(staff: Staff) -> None:
    session = staff.session()
    etag = staff.call("GET", f"/sessions/{session}").headers["etag"]
    replies = at_once(lambda n: staff.call("PATCH", f"/sessions/{session}", {"title": f"T{n}"}, headers={"If-Match": etag}))
    assert statuses(replies) == {200: 1, 412: PEOPLE - 1}
    winner = next(reply.json for reply in replies if reply.status == 200)
    assert staff.call("GET", f"/sessions/{session}").json["title"] == winner["title"]


def test_the_end_and_the_use_of_an_invitation_exclude_each_other(stack: Stack, staff: Staff) -> None:
    session = staff.session(spots=PEOPLE)
    invitations = [staff.invite(session, fresh("ana")).json for _ in range(PEOPLE)]

    def both(number: int) -> Reply:
        invitation = invitations[number // 2]
        if number % 2:
            return stack.call("POST", claim_of(invitation) + "/accept", person(invitation["email"]))
        cancelled: Reply = staff.call("POST", f"/invitations/{invitation['id']}/cancel")
        return cancelled

    replies = at_once(both, 2 * PEOPLE)
    for cancelled, accepted in zip(replies[::2], replies[1::2], strict=True):
        assert (cancelled.status, accepted.status) in {(200, 410), (409, 201)}
    taken = statuses(replies[1::2])[201]
    assert staff.spots(session) == {"total": PEOPLE, "taken": taken, "held": 0, "extra": 0, "free": PEOPLE - taken}


def test_the_last_spots_go_to_parties_that_fit(stack: Stack, staff: Staff) -> None:
    session = staff.session(spots=5)
    path = f"/v1/portal/demo/sessions/{session}/registrations"
    replies = at_once(lambda n: stack.call("POST", path, {**person(fresh(f"p{n}")), "party_size": 2}))
    assert statuses(replies) == {201: 2, 409: PEOPLE - 2}
    assert staff.spots(session) == {"total": 5, "taken": 4, "held": 0, "extra": 0, "free": 1}


def test_the_fifth_resend_within_the_hour_is_the_last(staff: Staff) -> None:
    invitation = staff.invite(staff.session(), fresh("ana")).json
    replies = at_once(lambda _: staff.call("POST", f"/invitations/{invitation['id']}/resend", {}))
    assert set(statuses(replies)) <= {200, 429, 503}
    assert statuses(replies)[200] <= 5
    assert staff.call("GET", f"/invitations/{invitation['id']}").json["sends"] == 1 + statuses(replies)[200]


def test_a_session_is_not_deleted_during_a_registration(stack: Stack, staff: Staff) -> None:
    for _ in range(5):
        session = staff.session()
        path = f"/v1/portal/demo/sessions/{session}/registrations"

        def both(number: int, session: str = session, path: str = path) -> Reply:
            return stack.call("POST", path, person(fresh("p"))) if number else staff.call("DELETE", f"/sessions/{session}")

        deleted, registered = at_once(both, 2)
        assert (deleted.status, registered.status) in {(204, 404), (409, 201), (204, 409)}, (deleted.body, registered.body)
        assert (staff.call("GET", f"/sessions/{session}").status == 200) == (registered.status == 201)
