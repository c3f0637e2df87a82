"""The roster of one date, its sign-in sheet, and the page of a QR code."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import attendance, customers, links, registrations
from chalicelib.rules.attendance import Counts
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local, written
from chalicelib.tables import registrations as table
from tests.pages.browser import Browser

QUESTIONS = [{"id": "q1", "label": "Allergies", "kind": "text", "at_door": True}, {"id": "q2", "label": "Level", "kind": "text"}]


@pytest.fixture
def begun(make_session: Callable[..., Session], today: datetime) -> Session:
    """A session that began ten minutes ago."""
    starts = today - timedelta(minutes=10)
    return make_session(
        meetings=[{"id": "m1", "starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}], questions=QUESTIONS
    )


@pytest.fixture
def party(begun: Session, today: datetime) -> Registration:
    new = {"name": "Ana Ortiz", "email": "ana@example.org"}
    people = [{"name": "Zoé"}, {"name": "Bo"}]
    addition = AddInput.model_validate({"new_customer": new, "participants": people, "answers": {"q1": "Nuts", "q2": "Expert"}})
    return registrations.add("demo", begun.id, addition, by="manager@demo.test", key="party", now=today).registration


def at(session: Session) -> str:
    return f"/o/demo/sessions/{session.id}/meetings/m1"


def counts(session: Session, now: datetime) -> Counts:
    return attendance.read_sheet("demo", session.id, "m1", now=now).counts


def test_one_tap_marks_and_the_answers_for_the_door_show(manager: Browser, begun: Session, party: Registration, today: datetime) -> None:
    page = manager.get(at(begun))
    assert "Allergies: Nuts" in page.text
    assert "Expert" not in page.text
    response = manager.post(at(begun), {"mark": f"{party.public_id}:1:late", f"note/{party.public_id}:1": "Bus"})
    assert (response.status, response.headers["location"]) == (303, at(begun))
    assert counts(begun, today) == Counts(expected=1, late=1)
    assert "Bus" in manager.get(at(begun)).text
    manager.post(at(begun), {"all": "present"})
    assert counts(begun, today) == Counts(present=1, late=1)


def test_marks_that_a_device_kept_are_sent_with_their_own_time(
    manager: Browser, begun: Session, party: Registration, today: datetime
) -> None:
    manager.post(at(begun), {"mark": f"{party.public_id}:0:absent"})
    earlier = {"registration": party.public_id, "participant": 0, "status": "present", "at": written(today - timedelta(minutes=5))}
    gone = {**earlier, "participant": 7}
    assert manager.post(at(begun), {"marks": json.dumps([earlier, gone])}).status == 303
    assert counts(begun, today) == Counts(expected=1, absent=1)
    assert manager.post(at(begun), {"marks": "[1"}).status == 422


def test_paid_in_one_tap(manager: Browser, as_role: Callable[[str], Browser], begun: Session, party: Registration) -> None:
    assert "24.00 to pay" in manager.get(at(begun)).text
    manager.post(at(begun), {"paid": party.public_id})
    assert registrations.read_registration("demo", party.public_id)[0].billing == "paid"
    assert "to pay" not in manager.get(at(begun)).text


def test_viewers_see_and_do_not_mark(as_role: Callable[[str], Browser], begun: Session, party: Registration) -> None:
    viewer = as_role("viewer")
    assert "Mark all present" not in viewer.get(at(begun)).text
    assert viewer.post(at(begun), {"all": "present"}).status == 403


def test_the_sheet_and_the_file(manager: Browser, begun: Session, party: Registration) -> None:
    assert "Signature" in manager.get(at(begun) + "/sheet").text
    file = manager.get(at(begun) + "/attendance.csv")
    assert file.headers["content-type"].startswith("text/csv")
    assert "Bo,expected" in file.html


def test_a_scan_by_staff_checks_in_and_anybody_else_learns_nothing(
    manager: Browser, visitor: Browser, begun: Session, party: Registration, today: datetime
) -> None:
    path = f"/o/demo/check-in/{links.check_in_token(party)}"
    for browser in (visitor, manager):
        assert "Ana" not in browser.get(path).text
    assert counts(begun, today) == Counts(expected=2)
    assert visitor.post(path, {}).status == 303
    first = manager.post(path, {}).text
    assert all(word in first for word in ("Checked in", "Bo", "Zoé", "Nuts", "€24.00"))
    assert counts(begun, today) == Counts(present=2)
    assert "Already checked in since" in manager.post(path, {}).text


def test_the_booking_page_has_a_qr_code_while_a_date_is_to_come(visitor: Browser, party: Registration) -> None:
    page: Any = visitor.get(f"/b/{links.booking_token(party)}")
    assert "<svg" in page.html
    assert 'class="qr"' in page.html


def test_the_customer_shows_dates_attended_and_no_shows(manager: Browser, begun: Session, party: Registration, today: datetime) -> None:
    table.mark_confirmed("demo", party.session, party.id, now=today)
    customers.ensure_customer(party, now=today)
    manager.post(at(begun), {"mark": f"{party.public_id}:0:absent"})
    manager.post(at(begun), {"mark": f"{party.public_id}:1:late", f"note/{party.public_id}:1": "Bus"})
    (found,) = customers.list_customers("demo", limit=10).items
    assert "1 date attended · 1 no-show" in manager.get(f"/o/demo/customers/{found.id}").text
    exported = json.loads(customers.export_customer("demo", found.id, now=today))["attendance"]
    assert [(one["participant"], one["status"], one["note"]) for one in exported] == [("Zoé", "absent", ""), ("Bo", "late", "Bus")]


def test_the_csv_of_the_roster_has_a_column_for_each_marked_date(manager: Browser, begun: Session, party: Registration) -> None:
    csv = f"/o/demo/sessions/{begun.id}/roster.csv"
    assert "Attendance" not in manager.get(csv).text
    manager.post(at(begun), {"mark": f"{party.public_id}:1:late"})
    header, row = manager.get(csv).html.removeprefix("\ufeff").splitlines()
    assert header.rpartition(",")[2] == f"Attendance {local(begun.starts_at, 'Europe/Paris'):%Y-%m-%d %H:%M}"
    assert row.rpartition(",")[2] == "expected; late"
