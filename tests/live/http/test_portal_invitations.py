"""Portal invitations over HTTP: the job, the e-mails in the mailbox, statuses, and reminders with the clock of the schedule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.simulator import DOMAIN
from tests.live.http.conftest import Staff, in_days
from tests.live.http.test_main_job import fresh
from tests.live.http.test_roster_messages import finished
from tests.live.stack import Stack, eventually

pytestmark = pytest.mark.live
NOON = 11
"""In UTC, outside quiet hours in Paris in any season."""


def customer(staff: Staff, name: str, **more: Any) -> Any:
    made = staff.call("POST", "/customers", {"name": name.title(), "email": fresh(name), **more})
    assert made.status == 201, made.body
    return made.json


def status(staff: Staff, id: str, wanted: str) -> Any:
    """Wait until the customer has the status."""

    def look() -> Any:
        found = staff.call("GET", f"/customers/{id}").json
        return found if found["status"] == wanted else None

    return eventually(look)


def run_schedules(stack: Stack, days: float) -> Any:
    """Run the schedules with the clock at noon, this many days ahead."""
    at = (datetime.now(UTC) + timedelta(days=days)).replace(hour=NOON).strftime("%Y-%m-%dT%H:%M:%SZ")
    return stack.run_schedules(now=at).json


def unsubscribe(stack: Stack, mail: Any) -> None:
    path = mail["headers"]["List-Unsubscribe"].strip("<>").removeprefix(stack.url)
    looked = stack.call("GET", path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (looked.status, looked.headers["location"]) == (303, mail["text"].split()[-1]), "a browser is redirected to the page"
    assert stack.call("POST", path).status == 200


def test_a_group_is_invited_and_reminded_until_accepted_or_unsubscribed(stack: Stack, staff: Staff) -> None:
    people = [customer(staff, name) for name in ("ana", "ben", "cleo")]
    group = staff.call("POST", "/groups", {"name": fresh("group")}).json["id"]
    for one in people:
        assert staff.call("PUT", f"/groups/{group}/customers/{one['id']}").status < 300
    audience = {"audience": {"group": group}}
    dry = staff.call("POST", "/customers/invite", {**audience, "dry_run": True}).json
    assert (dry["counts"]["recipients"], dry["skipped"], dry["warnings"]) == (3, [], [])
    words = {"subject": "Come in, {{customer_name}}", "text": "Dear {{customer_name}},\n\n[Open]({{link}})"}
    begun = staff.call("POST", "/customers/invite", {**audience, **words})
    assert begun.status == 202
    job = finished(staff, begun.json["job"])
    assert (job["kind"], job["done"], job["failures"]) == ("portal_invitations", 3, [])
    mails = [stack.mail(one["email"]) for one in people]
    assert [mail["subject"] for mail in mails] == [f"Come in, {one['name']}" for one in people]
    links = [mail["text"].splitlines()[0] for mail in mails]
    assert len(set(links)) == 3
    for one in people:
        status(staff, one["id"], "invited")
    again = staff.call("POST", "/customers/invite", {**audience, "dry_run": True}).json
    assert again["warnings"] == [{"code": "invited_today", "count": 3}]
    ana, ben, cleo = people
    password = {"password": "Lilac-Otter-12", "password_confirmation": "Lilac-Otter-12"}
    assert stack.call("POST", "/v1/portal/activate", {"token": links[0].rpartition("/")[2], **password}).status == 201
    assert staff.call("GET", f"/customers/{ana['id']}").json["status"] == "accepted"
    assert staff.call("POST", f"/customers/{ana['id']}/invite", {}).json["code"] == "already_accepted"
    unsubscribe(stack, mails[1])
    run_schedules(stack, 4)
    run_schedules(stack, 4)
    reminder = stack.mail(cleo["email"], count=2)
    assert reminder["subject"].startswith("Reminder: ")
    assert reminder["text"].splitlines()[0] == links[2], "the same link"
    assert [len(stack.mails(one["email"])) for one in people] == [1, 1, 2], "customers who accepted or unsubscribed get no reminder"
    skipped = staff.call("POST", "/customers/invite", {**audience, "dry_run": True}).json["skipped"]
    assert {(one["customer"], one["reason"]) for one in skipped} == {(ana["id"], "already_accepted"), (ben["id"], "unsubscribed")}


def test_a_session_invitation_is_reminded_once_on_each_set_day(stack: Stack, staff: Staff) -> None:
    session, waits, declines = staff.session(), fresh("ana"), fresh("ben")
    for address in (waits, declines):
        assert staff.invite(session, address, expires_at=in_days(9)).status == 201
    link = stack.mail(waits)["text"].splitlines()[0]
    token = stack.mail(declines)["text"].splitlines()[0].rpartition("/")[2]
    assert stack.call("POST", f"/v1/invitations/{token}/decline").status == 204
    assert run_schedules(stack, 4)["reminded"] >= 1
    run_schedules(stack, 4)
    reminder = stack.mail(waits, count=2)
    assert reminder["subject"].startswith("Reminder: ")
    assert reminder["subject"].endswith(" invites you to Swimming")
    assert reminder["text"].splitlines()[0] == link, "the same link"
    assert (len(stack.mails(waits)), len(stack.mails(declines))) == (2, 1)


def test_a_newer_link_invalidates_the_older(stack: Stack, staff: Staff) -> None:
    one = customer(staff, "dora", invite=True)
    first = stack.mail(one["email"])["text"].splitlines()[0]
    assert staff.call("POST", f"/customers/{one['id']}/invite", {}).status == 202
    second = stack.mail(one["email"], count=2)["text"].splitlines()[0]
    assert first != second
    password = {"password": "Lilac-Otter-12", "password_confirmation": "Lilac-Otter-12"}
    assert stack.call("POST", "/v1/portal/activate", {"token": first.rpartition("/")[2], **password}).status == 410
    assert stack.call("POST", "/v1/portal/activate", {"token": second.rpartition("/")[2], **password}).status == 201


def test_a_bounced_address_is_shown_and_gets_no_more_e_mails(staff: Staff) -> None:
    made = staff.call("POST", "/customers", {"name": "Ben", "email": fresh("bounce+").replace("example.org", DOMAIN), "invite": True})
    id = made.json["id"]

    def state() -> Any:
        newest, *_ = staff.call("GET", f"/customers/{id}/messages").json["items"] or [{"state": ""}]
        return newest if newest["state"] == "bounced" else None

    assert "user unknown" in eventually(state)["reason"]
    assert staff.call("GET", f"/customers/{id}").json["suppressed"] == "bounced"
    dry = staff.call("POST", "/customers/invite", {"audience": {"all": True}, "dry_run": True}).json
    assert [one["reason"] for one in dry["skipped"] if one["customer"] == id] == ["suppressed"]
