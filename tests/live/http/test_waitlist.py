"""The waitlist over HTTP, with streams and schedules running as in a deployment."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import claim_of, fresh, person
from tests.live.stack import LONG, Stack, shortest

pytestmark = pytest.mark.live


def eventually(look: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG
    while not look():
        assert time.monotonic() < until
        time.sleep(0.05)


class Family:
    """A waitlist entry's family, and what staff see of it."""

    def __init__(self, stack: Stack, staff: Staff, session: str, *, spots: int = 1) -> None:
        self.stack, self.staff, self.session, self.email = stack, staff, session, fresh("family")
        body = {"email": self.email, "name": "A Parent", "spots": spots}
        self.joined = stack.call("POST", f"/v1/portal/demo/sessions/{session}/waitlist", body)

    def confirm(self) -> None:
        """Confirm the address by the link in the e-mail."""
        place = "/v1/waitlist/" + self.stack.mail(self.email)["text"].splitlines()[0].rpartition("/waitlist/")[2]
        assert self.stack.call("POST", place + "/confirm").json["confirmed"] is True

    def entry(self) -> Any:
        items = self.staff.call("GET", f"/sessions/{self.session}/waitlist").json["items"]
        return next((item for item in items if item["email"] == self.email), None)

    def offered(self) -> bool:
        return bool(self.entry()["status"] == "offered")

    def offer(self, *, number: int = 1) -> str:
        """Return the link in the e-mail with the offer; the e-mail before it confirmed the entry."""
        mail = self.stack.mail(self.email, count=1 + number)
        assert mail["subject"] == "Your turn: Swimming"
        return str(mail["text"].splitlines()[0])


def booked(stack: Stack, session: str) -> Any:
    return stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", person(fresh("buyer")))


def full(stack: Stack, staff: Staff, spots: int = 1) -> tuple[str, list[str]]:
    session = staff.session(spots=spots)
    made = [booked(stack, session) for _ in range(spots)]
    return session, [one.json["id"] for one in made]


def test_a_freed_spot_goes_to_the_first_in_line_by_e_mail_and_never_to_the_public(stack: Stack, staff: Staff) -> None:
    session, (taken,) = full(stack, staff)
    first, second = Family(stack, staff, session), Family(stack, staff, session)
    assert (first.joined.status, first.joined.json["position"], second.joined.json["position"]) == (201, 1, 2)
    assert staff.call("DELETE", f"/registrations/{taken}").status == 204
    refused = booked(stack, session)
    assert (refused.status, refused.json["code"]) == (409, "session_full")
    seen = stack.call("GET", f"/v1/portal/demo/sessions/{session}").json
    assert (seen["spots"]["free"], seen["state"]) == (0, "full")
    link = first.offer()
    assert booked(stack, session).status == 409
    other = stack.call("POST", claim_of(link) + "/accept", person(fresh("bob")))
    assert (other.status, other.json["code"]) == (403, "other_address")
    assert stack.call("POST", claim_of(link) + "/accept", person(first.email)).status == 201
    eventually(lambda: first.entry() is None)
    assert second.entry()["position"] == 1
    reasons = staff.call("GET", f"/sessions/{session}/waitlist/why").json["items"]
    assert [reason["reason"] for reason in reasons] == ["nothing_free"]


def test_an_expired_offer_moves_to_the_bottom_and_the_next_is_made_within_two_seconds(stack: Stack, staff: Staff) -> None:
    assert shortest(lambda: seconds_to_the_next_offer(stack, staff), 2) < 2


def seconds_to_the_next_offer(stack: Stack, staff: Staff) -> float:
    """Let the first of two families lose its offer, check what becomes of both, and return how soon the second has one."""
    session, (taken,) = full(stack, staff)
    first, second = Family(stack, staff, session), Family(stack, staff, session)
    assert staff.call("DELETE", f"/registrations/{taken}").status == 204
    link = first.offer()
    end = first.entry()["offered_until"]  # No later: the offer to the next, by the real clock, must not have ended by then,
    time.sleep(1.1)  # nor in the same second.
    stack.run_schedules(now=end)
    began = time.monotonic()
    eventually(second.offered)
    took = time.monotonic() - began
    assert (first.entry()["status"], first.entry()["position"]) == ("waiting", 2)
    assert stack.call("GET", claim_of(link)).json["invitation_status"] == "expired"
    assert stack.call("POST", claim_of(second.offer()) + "/decline").status == 204
    eventually(first.offered)
    first.offer(number=2)
    assert second.entry() is None
    return took


def test_an_entry_leaves_by_its_link_and_the_public_gets_the_free_spots(stack: Stack, staff: Staff) -> None:
    session, (taken,) = full(stack, staff)
    family = Family(stack, staff, session)
    again = stack.call("POST", f"/v1/portal/demo/sessions/{session}/waitlist", {"email": family.email, "name": "A", "spots": 1})
    assert (again.status, again.json["position"]) == (201, 2)
    link = stack.mail(family.email)["text"].splitlines()[0]
    place = "/v1/waitlist/" + link.rpartition("/waitlist/")[2]
    assert (stack.call("GET", place).json["position"], stack.call("GET", place).json["status"]) == (1, "waiting")
    assert stack.call("POST", place + "/leave").status == 204
    assert stack.call("POST", place + "/leave").status == 204
    assert stack.call("GET", place).json["status"] == "left"
    assert staff.call("DELETE", f"/registrations/{taken}").status == 204
    free = Family(stack, staff, session)
    assert (free.joined.status, free.joined.json["code"], free.joined.json["free"]) == (409, "spots_are_free", 1)
    assert booked(stack, session).status == 201


def test_a_party_with_an_unconfirmed_address_freezes_nothing(stack: Stack, staff: Staff) -> None:
    session, taken = full(stack, staff, spots=3)
    stranger, family = Family(stack, staff, session, spots=3), Family(stack, staff, session)
    answered = stranger.joined.json["link"].rpartition("/waitlist/")[2]
    assert stack.call("POST", f"/v1/waitlist/{answered}/confirm").status == 404
    for id in taken[:2]:
        assert staff.call("DELETE", f"/registrations/{id}").status == 204
    eventually(family.offered)
    eventually(lambda: booked(stack, session).status == 201)
    assert (stranger.entry()["position"], stranger.entry()["confirmed"]) == (1, False)


def test_staff_offer_move_and_remove(stack: Stack, staff: Staff) -> None:
    session, taken = full(stack, staff, spots=2)
    families = [Family(stack, staff, session, spots=spots) for spots in (2, 1, 1)]
    families[0].confirm()
    moved = staff.call("POST", f"/waitlist/{families[2].entry()['id']}/move", {"position": 2})
    assert (moved.status, moved.json["position"], families[1].entry()["position"]) == (200, 2, 3)
    full_now = staff.call("POST", f"/waitlist/{families[2].entry()['id']}/invite")
    assert (full_now.status, full_now.json["code"]) == (409, "session_full")
    assert staff.call("DELETE", f"/registrations/{taken[0]}").status == 204
    made = staff.call("POST", f"/waitlist/{families[2].entry()['id']}/invite")
    assert (made.status, made.json["email"], made.json["entry"]) == (201, families[2].email, families[2].entry()["id"])
    assert staff.call("POST", f"/invitations/{made.json['id']}/cancel").status == 200
    eventually(lambda: bool(families[2].entry()["held_back"] == "revoked"))
    assert staff.call("DELETE", f"/waitlist/{families[0].entry()['id']}").status == 204
    eventually(families[1].offered)
    assert families[2].entry()["status"] == "waiting"
