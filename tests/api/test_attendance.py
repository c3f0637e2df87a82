"""Attendance and check-in over HTTP."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.tenants import Office, World
from tests.http import Response


def starting(minutes: float, *, title: str = "Pottery", **more: Any) -> dict[str, Any]:
    """Return a session of an hour that starts so many minutes from now."""
    starts = datetime.now(UTC) + timedelta(minutes=minutes)
    meeting = {"id": "m1", "starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat()}
    return {"title": title, "meetings": [meeting], **more}


def booked(office: Office, session: str, *names: str, **more: Any) -> dict[str, Any]:
    new = {"name": "Ana", "email": office.fresh("ana")}
    body = {"new_customer": new, "participants": [{"name": name} for name in names or ("Kim",)], **more}
    response = office.call("POST", f"/sessions/{session}/registrations", body)
    assert response.status == 201, response.text
    return response.json  # type: ignore[no-any-return]


def marks(office: Office, session: str, *wanted: dict[str, Any], meeting: str = "m1") -> Response:
    return office.call("PUT", f"/sessions/{session}/meetings/{meeting}/attendance", {"marks": list(wanted)})


def test_the_latest_mark_counts_whatever_the_order_of_arrival(demo: Office) -> None:
    session = demo.session(**starting(-10))
    one = booked(demo, session, "Mia", "Bo")["id"]
    early, late = ((datetime.now(UTC) - timedelta(minutes=ago)).isoformat() for ago in (5, 1))
    marks(demo, session, {"registration": one, "participant": 0, "status": "absent", "at": late, "note": "Called"})
    response = marks(demo, session, {"registration": one, "participant": 0, "status": "present", "at": early})
    assert response.json["counts"] == {"expected": 1, "present": 0, "late": 0, "absent": 1, "excused": 0}
    bo, mia = demo.call("GET", f"/sessions/{session}/meetings/m1/attendance").json["items"]
    assert (mia["name"], mia["participant"], mia["status"], mia["note"], mia["by"]) == ("Mia", 0, "absent", "Called", "manager@demo.test")
    assert (bo["name"], bo["participant"], bo["status"], bo["at"], bo["registration"]) == ("Bo", 1, "expected", None, one)


def test_who_is_not_covered_is_not_found(demo: Office) -> None:
    session, other = demo.session(**starting(-10)), demo.session(**starting(-10))
    one = booked(demo, session)["id"]
    assert marks(demo, session, {"registration": one, "status": "present"}).status == 200
    for wrong in ({"registration": one, "participant": 1}, {"registration": booked(demo, other)["id"]}, {"registration": "nothing"}):
        assert marks(demo, session, {"status": "present", **wrong}).status == 404
    assert marks(demo, session, {"registration": one, "status": "present"}, meeting="m9").status == 404
    assert demo.call("GET", f"/sessions/{session}/meetings/m9/attendance").status == 404
    assert marks(demo, session, {"registration": one, "status": "asleep"}).status == 422


def test_attendance_as_csv(demo: Office) -> None:
    session = demo.session(**starting(-10))
    one = booked(demo, session, "=Mia")
    marks(demo, session, {"registration": one["id"], "status": "late", "note": "Bus"})
    response = demo.call("GET", f"/sessions/{session}/meetings/m1/attendance?format=csv")
    assert response.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert (row["Participant"], row["Status"], row["Note"], row["Email"]) == ("'=Mia", "late", "Bus", one["email"])


def test_a_scan_checks_in_the_party_and_a_second_says_since_when(demo: Office) -> None:
    questions = [{"id": "q1", "label": "Allergies", "kind": "text", "at_door": True}, {"id": "q2", "label": "Level", "kind": "text"}]
    session = demo.session(**starting(30, questions=questions))
    one = booked(demo, session, "Mia", "Bo", answers={"q1": "Nuts", "q2": "Beginner"})
    first = demo.call("POST", "/check-in", {"token": one["check_in"]}).json
    assert [person["name"] for person in first["participants"]] == ["Bo", "Mia"]
    assert (first["status"], first["meeting"], first["answers"], first["owed"], first["again"]) == (
        "present", "m1", {"q1": "Nuts"}, one["total"], False,
    )  # fmt: skip
    again = demo.call("POST", "/check-in", {"token": f"https://example.org/o/demo/check-in/{one['check_in']}"}).json
    assert (again["first_at"], again["again"]) == (first["first_at"], True)
    assert demo.call("GET", f"/sessions/{session}/meetings/m1/attendance").json["counts"]["present"] == 2


def test_a_party_of_one_that_paid_owes_nothing(demo: Office) -> None:
    one = booked(demo, demo.session(**starting(0)), billing={"method": "paid"})
    found = demo.call("POST", "/check-in", {"token": one["check_in"]}).json
    assert (found["participant"]["name"], found["owed"]["amount"]) == ("Kim", 0)


def test_without_a_meeting_now_the_next_is_named(demo: Office) -> None:
    session = demo.session(**starting(24 * 60))
    one = booked(demo, session)
    refused = demo.call("POST", "/check-in", {"token": one["check_in"]})
    assert (refused.status, refused.json["code"], refused.json["meeting"]) == (409, "no_meeting_now", "m1")
    assert refused.json["starts_at"] == demo.read(session)["meetings"][0]["starts_at"]
    assert demo.call("POST", "/check-in", {"token": one["check_in"], "meeting": "m1"}).status == 200


def test_the_code_of_a_moved_registration_checks_in_where_it_is_now(demo: Office) -> None:
    one, target = booked(demo, demo.session(**starting(0))), demo.session(**starting(5, title="Weaving"))
    assert demo.call("POST", f"/registrations/{one['id']}/transfer", {"to_session": target}).status == 200
    assert demo.call("POST", "/check-in", {"token": one["check_in"]}).json["title"] == "Weaving"


def test_the_code_of_a_removed_registration_says_so(demo: Office) -> None:
    one = booked(demo, demo.session(**starting(30)))
    demo.call("DELETE", f"/registrations/{one['id']}")
    refused = demo.call("POST", "/check-in", {"token": one["check_in"]})
    assert (refused.status, refused.json["code"]) == (409, "already_removed")


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + "x", lambda token: "demo.x.y", lambda token: "x"])
def test_a_wrong_or_foreign_code_is_not_found(world: World, change: Any) -> None:
    one = booked(world.demo, world.demo.session(**starting(0)))
    assert world.demo.call("POST", "/check-in", {"token": change(one["check_in"])}).status == 404
    assert world.zebra.call("POST", "/check-in", {"token": one["check_in"]}).status == 404


def test_the_code_of_a_wrong_address_ends_with_its_correction(demo: Office) -> None:
    one = booked(demo, demo.session(**starting(0)))
    corrected = demo.call("PATCH", f"/registrations/{one['id']}/contact", {"email": demo.fresh("bea")}).json
    assert demo.call("POST", "/check-in", {"token": one["check_in"]}).status == 404
    assert demo.call("POST", "/check-in", {"token": corrected["check_in"]}).status == 200
