"""Roster messages over HTTP: a job with progress, a message per address, and the state of each."""

import uuid
from typing import Any

import pytest

from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import fresh
from tests.live.stack import Stack, eventually

pytestmark = pytest.mark.live
SOON = 30


def added(staff: Staff, session: str, email: str, child: str = "Kim") -> str:
    """Add a registration by hand without a confirmation, and return its id."""
    body = {"new_customer": {"name": "Ana Lima", "email": email}, "participants": [{"name": child}]}
    made = staff.call("POST", f"/sessions/{session}/registrations", body)
    assert made.status == 201, made.body
    return str(made.json["id"])


def mail(staff: Staff, session: str, registrations: Any = "all", subject: str = "Bring a towel", **more: Any) -> Any:
    body = {"registrations": registrations, "subject": subject, "text": "Dear all,\n\nthe water is cold."}
    return staff.call("POST", f"/sessions/{session}/messages", body, **more)


def finished(staff: Staff, job: str) -> Any:
    def look() -> Any:
        found = staff.call("GET", f"/jobs/{job}").json
        return found if found["status"] in {"done", "failed"} else None

    return eventually(look, within=SOON)


def sent(staff: Staff, session: str, number: int) -> list[Any]:
    """Wait until this many messages about the session have been sent, and return them."""

    def look() -> Any:
        items = staff.call("GET", f"/sessions/{session}/messages").json["items"]
        return items if [item["state"] for item in items].count("sent") == number else None

    found: list[Any] = eventually(look, within=SOON)
    return found


def test_everybody_on_the_roster_gets_one_e_mail_and_the_job_ends(stack: Stack, staff: Staff) -> None:
    session, addresses = staff.session(), [fresh(name) for name in ("ana", "ben", "cleo")]
    registrations = [added(staff, session, address) for address in addresses]
    begun = mail(staff, session)
    assert (begun.status, set(begun.json)) == (202, {"job"})
    job = finished(staff, begun.json["job"])
    assert (job["kind"], job["status"], job["done"], job["total"], job["failures"]) == ("mailing", "done", 3, 3, [])
    assert (job["by"], job["session"]) == ("owner@demo.test", session)
    for address in addresses:
        assert stack.mail(address)["subject"] == "Bring a towel"
    messages = sent(staff, session, 3)
    assert {message["to"] for message in messages} == set(addresses)
    assert {(message["kind"], message["job"], message["subject"]) for message in messages} == {
        ("roster_message", job["id"], "Bring a towel")
    }
    assert sorted(id for message in messages for id in message["registrations"]) == sorted(registrations)
    assert staff.call("GET", "/jobs").json["items"][0]["id"] == job["id"]


def test_only_chosen_registrations_get_it(stack: Stack, staff: Staff) -> None:
    session, chosen, other = staff.session(), fresh("ana"), fresh("ben")
    registration = added(staff, session, chosen)
    added(staff, session, other)
    job = finished(staff, mail(staff, session, [registration, registration]).json["job"])
    assert (job["done"], job["total"]) == (1, 1)
    assert stack.mail(chosen)
    assert [message["to"] for message in sent(staff, session, 1)] == [chosen]
    assert stack.mails(other) == []


def test_an_address_with_several_registrations_gets_one(stack: Stack, staff: Staff) -> None:
    session, address = staff.session(), fresh("ana")
    both = [added(staff, session, address, "Kim"), added(staff, session, address.upper(), "Lou")]
    job = finished(staff, mail(staff, session).json["job"])
    assert (job["done"], job["total"]) == (1, 1)
    (message,) = sent(staff, session, 1)
    assert sorted(message["registrations"]) == sorted(both), "registrations of the same second have no order"
    before = len(stack.mails(address.upper()))
    assert len(stack.mails(address)) + before == 1
    assert staff.call("DELETE", f"/registrations/{both[0]}").status == 204
    finished(staff, mail(staff, session, subject="Again").json["job"])
    assert stack.mail(address.upper(), count=before + 1)["subject"] == "Again"


def test_unsubscribed_customers_still_get_messages_about_their_booking(stack: Stack, staff: Staff) -> None:
    session, address = staff.session(), fresh("ana")
    assert staff.invite(session, address).status == 201
    page = stack.mail(address)["headers"]["List-Unsubscribe"].strip("<>")
    assert stack.call("POST", page.removeprefix(stack.url)).status == 200
    added(staff, session, address)
    finished(staff, mail(staff, session).json["job"])
    assert stack.mail(address, count=2)["subject"] == "Bring a towel"


def test_a_retried_request_is_no_second_mailing(stack: Stack, staff: Staff) -> None:
    session, address = staff.session(), fresh("ana")
    added(staff, session, address)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, again = mail(staff, session, headers=key), mail(staff, session, headers=key)
    assert (again.status, again.json) == (202, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    finished(staff, first.json["job"])
    sent(staff, session, 1)
    assert len(stack.mails(address)) == 1
    finished(staff, mail(staff, session).json["job"])
    assert len(sent(staff, session, 2)) == 2


def test_the_exact_text_can_be_read_again(stack: Stack, staff: Staff) -> None:
    session, address = staff.session(), fresh("ana")
    added(staff, session, address)
    finished(staff, mail(staff, session).json["job"])
    arrived, (message,) = stack.mail(address), sent(staff, session, 1)
    read = staff.call("GET", f"/messages/{message['id']}").json
    assert (read["subject"], read["text"].strip(), read["html"].strip()) == (
        arrived["subject"],
        arrived["text"].strip(),
        arrived["html"].strip(),
    )
    customer = eventually(lambda: next(iter(staff.call("GET", f"/customers?q={address}").json["items"]), None), within=SOON)["id"]
    assert [one["id"] for one in staff.call("GET", f"/customers/{customer}/messages").json["items"]] == [message["id"]]
    assert staff.call("GET", "/messages/nothing-there").status == 404


def test_messages_and_jobs_are_paged(staff: Staff) -> None:
    session = staff.session()
    for name in ("ana", "ben", "cleo"):
        added(staff, session, fresh(name))
    jobs = [mail(staff, session).json["job"] for _ in range(2)]
    for job in jobs:
        finished(staff, job)
    whole = [message["id"] for message in sent(staff, session, 6)]
    assert walk(staff, f"/sessions/{session}/messages") == whole
    assert walk(staff, "/jobs")[:2] == jobs[::-1]
    cursor = staff.call("GET", "/jobs?limit=1").json["next"]
    assert staff.call("GET", f"/sessions/{session}/messages?cursor={cursor}").json["code"] == "bad_cursor"


def walk(staff: Staff, path: str) -> list[str]:
    """Return the ids of a list, read two at a time."""
    found: list[str] = []
    page: Any = {"next": ""}
    while page["next"] is not None:
        page = staff.call("GET", f"{path}?limit=2" + (f"&cursor={page['next']}" if page["next"] else "")).json
        found += [item["id"] for item in page["items"]]
    return found


def test_unknown_registrations_are_all_named(staff: Staff) -> None:
    session, other = staff.session(), staff.session()
    known, elsewhere = added(staff, session, fresh("ana")), added(staff, other, fresh("ben"))
    refused = mail(staff, session, ["made-up", known, elsewhere])
    assert (refused.status, refused.json["code"]) == (422, "unknown_registrations")
    assert [(error["field"], error["code"]) for error in refused.json["errors"]] == [
        ("/registrations/0", "unknown_registration"),
        ("/registrations/2", "unknown_registration"),
    ]
    assert elsewhere in refused.json["errors"][1]["detail"]
    assert mail(staff, staff.session()).json["code"] == "nobody_registered"
    assert staff.call("GET", f"/sessions/{session}/messages").json == {"items": [], "next": None}


def test_a_subject_is_one_line_and_both_are_needed(staff: Staff) -> None:
    session = staff.session()
    added(staff, session, fresh("ana"))
    refused = mail(staff, session, subject="Hello\r\nBcc: eve@example.org")
    assert (refused.status, [error["field"] for error in refused.json["errors"]]) == (422, ["/subject"])
    empty = staff.call("POST", f"/sessions/{session}/messages", {"registrations": [], "subject": " ", "text": "\n"})
    assert sorted(error["field"] for error in empty.json["errors"]) == ["/registrations", "/subject", "/text"]
    wrong = staff.call("POST", f"/sessions/{session}/messages", {"registrations": ["ok", "not ok"], "subject": "Hi", "text": "Hi"})
    assert [error["field"] for error in wrong.json["errors"]] == ["/registrations/1"]
