"""Rosters over HTTP, as staff manage them: registrations by hand, parties, billing, transfers, exports."""

import csv
import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live.http.conftest import Staff, in_days
from tests.live.http.test_main_job import fresh, person
from tests.live.stack import Stack, eventually

pytestmark = pytest.mark.live


def added(staff: Staff, session: str, name: str = "Ana Lima", **more: Any) -> Any:
    body = {"new_customer": {"name": name, "email": fresh("ana")}, "participants": [{"name": "Kim"}], **more}
    return staff.call("POST", f"/sessions/{session}/registrations", body)


def ordered(staff: Staff, id: str, status: str) -> bool | None:
    """Return whether the orders list the registration, which they do once the stream has confirmed its row."""
    found = staff.call("GET", f"/orders?status={status}&limit=200").json["items"]
    return True if id in {order["id"] for order in found} else None


def test_a_party_of_two_takes_two_and_grows_only_while_there_are_spots(staff: Staff) -> None:
    session = staff.session(spots=3)
    made = added(staff, session, party_size=2)
    assert (made.status, made.json["source"], made.json["billing"]["status"]) == (201, "staff", "unpaid")
    path = f"/registrations/{made.json['id']}"
    assert staff.spots(session) == {"total": 3, "taken": 2, "held": 0, "extra": 0, "free": 1}
    grown = staff.call("PATCH", path, {"party_size": 3})
    assert (grown.status, grown.json["party_size"]) == (200, 3)
    full = staff.call("PATCH", path, {"party_size": 4})
    assert (full.status, full.json["code"]) == (409, "session_full")
    extra = staff.call("PATCH", path, {"party_size": 4, "confirm_over_capacity": True})
    assert extra.status == 200
    assert staff.spots(session) == {"total": 3, "taken": 4, "held": 0, "extra": 1, "free": 0}
    assert staff.call("PATCH", path, {"party_size": 1}).status == 200
    assert staff.spots(session) == {"total": 3, "taken": 1, "held": 0, "extra": 1, "free": 3}
    assert staff.call("DELETE", path).status == 204
    assert staff.spots(session) == {"total": 3, "taken": 0, "held": 0, "extra": 0, "free": 3}


def test_a_paid_party_keeps_its_size_and_a_refund_keeps_the_spots(staff: Staff) -> None:
    session = staff.session(spots=3)
    made = added(staff, session, party_size=2, billing={"method": "paid"}).json
    path = f"/registrations/{made['id']}"
    refused = staff.call("PATCH", path, {"party_size": 1})
    assert (refused.status, refused.json["code"]) == (409, "already_paid")
    refunded = staff.call("POST", path + "/billing", {"status": "refunded", "note": "ill"}).json
    assert [(step["status"], step["by"]) for step in refunded["billing"]["history"]] == [
        ("paid", "owner@demo.test"),
        ("refunded", "owner@demo.test"),
    ]
    assert staff.spots(session)["taken"] == 2


def test_payments_meeting_by_meeting_lead_to_paid(staff: Staff) -> None:
    meetings = [{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in (5, 12)]
    session = staff.session(meetings=meetings)
    made = added(staff, session, party_size=2).json
    path = f"/registrations/{made['id']}/payments"
    half = {"amount": {"amount": 1250, "currency": "EUR"}, "method": "cash", "meeting": "m1"}
    assert staff.call("POST", path, half).json["billing"]["status"] == "partly_paid"
    assert staff.call("POST", path, {**half, "meeting": "m9"}).json["code"] == "unknown_meeting"
    assert staff.call("POST", path, {**half, "meeting": "m2"}).json["billing"]["status"] == "paid"
    eventually(lambda: ordered(staff, made["id"], "paid"))


def test_a_late_joiner_is_missing_on_the_past_meeting_and_present_on_the_next(staff: Staff) -> None:
    meetings = [{"starts_at": in_days(-1), "ends_at": in_days(-0.9)}, {"starts_at": in_days(2), "ends_at": in_days(2.1)}]
    session = staff.session(meetings=meetings)
    made = added(staff, session).json
    past, coming = (staff.call("GET", f"/sessions/{session}/roster?meeting={meeting}").json["registrations"] for meeting in ("m1", "m2"))
    assert past == []
    assert [entry["id"] for entry in coming] == [made["id"]]
    assert staff.call("GET", f"/registrations/{made['id']}").json["remaining_meetings"] == ["m2"]


def test_a_transfer_moves_all_or_nothing_even_out_of_a_full_session(stack: Stack, staff: Staff) -> None:
    full, small, roomy = staff.session(spots=2), staff.session(spots=1), staff.session(spots=5)
    made = added(staff, full, party_size=2).json
    path = f"/registrations/{made['id']}/transfer"
    refused = staff.call("POST", path, {"to_session": small})
    assert (refused.status, refused.json["code"]) == (409, "session_full")
    assert (staff.spots(full)["taken"], staff.spots(small)["taken"]) == (2, 0)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    moved = staff.call("POST", path, {"to_session": roomy}, headers=key)
    assert (moved.status, moved.json["session"], moved.json["moved_from"]) == (200, roomy, made["id"])
    assert staff.call("POST", path, {"to_session": roomy}, headers=key).json == moved.json
    assert (staff.spots(full)["taken"], staff.spots(roomy)["taken"]) == (0, 2)
    assert staff.call("POST", path, {"to_session": small}).json["code"] == "already_removed"
    assert stack.mail(made["email"])["subject"]


def test_two_transfers_at_once_move_one(staff: Staff) -> None:
    source, first, second = staff.session(), staff.session(), staff.session()
    made = added(staff, source, party_size=2).json
    path = f"/registrations/{made['id']}/transfer"
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda to: staff.call("POST", path, {"to_session": to}), (first, second)))
    assert sorted(reply.status for reply in replies) == [200, 409]
    assert sorted(staff.spots(session)["taken"] for session in (source, first, second)) == [0, 0, 2]


def test_the_contact_is_corrected_and_the_participant_stays_unique(staff: Staff) -> None:
    session, address = staff.session(), fresh("new")
    made = added(staff, session).json
    corrected = staff.call("PATCH", f"/registrations/{made['id']}/contact", {"name": "Anna Lima", "email": address, "phone": "+33 1"})
    assert (corrected.status, corrected.json["name"], corrected.json["email"]) == (200, "Anna Lima", address)
    again = {"new_customer": {"name": "Anna", "email": address}, "participants": [{"name": "KIM"}]}
    assert staff.call("POST", f"/sessions/{session}/registrations", again).json["code"] == "already_registered"
    before = {"new_customer": {"name": "Ana", "email": made["email"]}, "participants": [{"name": "Kim"}]}
    assert staff.call("POST", f"/sessions/{session}/registrations", before).status == 201


def test_the_export_has_no_cell_that_begins_a_formula(staff: Staff) -> None:
    session = staff.session(questions=[{"label": "=HYPERLINK", "kind": "text"}])
    answers = {"q1": "@SUM(A1)"}
    made = added(staff, session, name="=1+1", participants=[{"name": "-Kim"}], answers=answers)
    assert made.status == 201
    exported = staff.call("GET", f"/sessions/{session}/roster.csv")
    assert exported.headers["content-type"].startswith("text/csv")
    assert exported.body.startswith(b"\xef\xbb\xbf")
    header, row = list(csv.reader(io.StringIO(exported.body.decode("utf-8-sig"))))
    assert [cell for cell in (*header, *row) if cell.startswith(("=", "+", "-", "@"))] == []
    assert row[0] == "'=1+1"
    assert row[-1] == "'@SUM(A1)"
    assert "12.50" in row


def test_everybody_who_registers_is_a_customer_with_a_history(stack: Stack, staff: Staff) -> None:
    session, address = staff.session(), fresh("zoe.public")
    assert stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", person(address, "Lou")).status == 201

    def known() -> Any:
        return next(iter(staff.call("GET", f"/customers?q={address.upper()}").json["items"]), None)

    customer = eventually(known)
    assert (customer["status"], [child["name"] for child in customer["participants"]]) == ("added", ["Lou"])
    history = staff.call("GET", f"/customers/{customer['id']}").json["registrations"]
    assert [entry["session"] for entry in history] == [session]
    taken = staff.call("POST", "/customers", {"name": "Zoé", "email": address})
    assert (taken.status, taken.json["code"], taken.json["customer"]) == (409, "customer_exists", customer["id"])
    other = staff.session()
    by_hand = {"customer": customer["id"], "participants": [{"name": "Lou"}]}
    assert staff.call("POST", f"/sessions/{other}/registrations", by_hand).json["email"] == address


def test_adding_to_a_full_session_asks_and_may_add_an_extra(staff: Staff) -> None:
    session = staff.session(spots=1)
    assert added(staff, session).status == 201
    assert added(staff, session).json["code"] == "session_full"
    assert added(staff, session, confirm_over_capacity=True).status == 201
    assert staff.spots(session) == {"total": 1, "taken": 2, "held": 0, "extra": 1, "free": 0}
