"""Inviting many to one session over HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.events.jobs import WORK
from chalicelib.operations import jobs
from tests.api.tenants import Office
from tests.http import Response


def bulk(office: Office, target: str, **body: Any) -> Response:
    return office.call("POST", f"/sessions/{target}/invitations/bulk", body)


def work(office: Office, job: str) -> Any:
    """Run the job to its end and return it."""
    while jobs.read_job(office.org, job).open:
        jobs.run_step(office.org, job, WORK, now=datetime.now(UTC))
    return office.call("GET", f"/jobs/{job}").json


def test_a_dry_run_counts_and_names_the_skipped(demo: Office) -> None:
    session = demo.session(spots_total=3)
    known = demo.invite(session)["email"]
    new = [demo.fresh("new") for _ in range(3)]
    response = bulk(demo, session, emails=[*new, known, new[0], "nobody"], mode="in_order", dry_run=True)
    assert response.status == 200, response.text
    assert response.json["counts"] == {"total": 6, "recipients": 3, "skipped": 3}
    assert response.json["fits"] == 2
    assert {one["email"]: one["reason"] for one in response.json["skipped"]} == {
        known: "already_invited",
        new[0]: "doubled",
        "nobody": "not_an_address",
    }
    assert demo.spots(session)["held"] == 1


def test_a_group_is_invited_by_a_job(demo: Office) -> None:
    group, session = demo.group()["id"], demo.session()
    emails = {demo.customer(groups=[group])["email"] for _ in range(2)}
    begun = bulk(demo, session, group=group, mode="all", forwarding="locked")
    assert begun.status == 202, begun.text
    done = work(demo, begun.json["job"])
    assert (done["kind"], done["status"], done["done"], done["session"]) == ("session_invitations", "done", 2, session)
    invited = demo.roster(session)["invitations"]
    assert {(one["email"], one["forwarding"], one["status"]) for one in invited} == {(email, "locked", "pending") for email in emails}


def test_too_little_room_for_all_is_refused_and_nobody_is_invited(demo: Office) -> None:
    session = demo.session(spots_total=2)
    response = bulk(demo, session, csv="Email\na@example.org\nb@example.org\nc@example.org\n", mode="all")
    assert (response.status, response.json["code"], response.json["free"], response.json["wanted"]) == (409, "session_full", 2, 3)
    assert (demo.spots(session)["free"], demo.roster(session)["invitations"]) == (2, [])


def test_a_retried_request_is_the_same_job(demo: Office) -> None:
    session, body, key = demo.session(), {"emails": [demo.fresh("eve")], "mode": "all"}, {"Idempotency-Key": "bulk-once"}
    path = f"/sessions/{session}/invitations/bulk"
    first, again = (demo.call("POST", path, body, headers=key) for _ in range(2))
    assert (first.json, again.headers["idempotent-replayed"]) == (again.json, "true")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"emails": ["a@example.org"], "group": "g"},
        {"emails": []},
        {"emails": ["a@example.org"], "mode": "some"},
        {"emails": ["a@example.org"], "party_size": 0},
        {"csv": "Name\nAna\n"},
    ],
)
def test_an_unclear_request_is_refused(demo: Office, body: dict[str, Any]) -> None:
    assert bulk(demo, demo.session(), **body).status == 422


def test_ten_thousand_addresses_are_checked(demo: Office) -> None:
    emails = [f"somebody-with-a-name-{number}@example.org" for number in range(10_000)]
    response = bulk(demo, demo.session(), emails=emails, mode="in_order", dry_run=True)
    assert (response.status, response.json["counts"]["recipients"], response.json["fits"]) == (200, 10_000, 5)


def test_an_unknown_group_or_session_is_not_found(demo: Office) -> None:
    session = demo.session()
    for source in ({"group": "nothing"}, {"session": "nothing"}):
        assert bulk(demo, session, **source).status == 404
