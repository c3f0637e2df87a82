"""Portal invitations over HTTP."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.emails import render
from chalicelib.events import jobs as job_events
from chalicelib.operations import messages as operations
from chalicelib.operations.links import portal_activation_link
from chalicelib.operations.messages.context import letter
from chalicelib.rules.letters import Letter
from chalicelib.tables import customers, messages, organisations
from tests.api.tenants import Office
from tests.operations.simulated_queue import event
from tests.samples import MEMBER


def make(office: Office, name: str = "ana", **more: Any) -> Any:
    made = office.call("POST", "/customers", {"name": "Ana Martin", "email": office.fresh(name), **more})
    assert made.status == 201, made.text
    return made.json


def group(office: Office, *members: str) -> str:
    made = office.call("POST", "/groups", {"name": office.fresh("group")})
    for id in members:
        assert office.call("PUT", f"/groups/{made.json['id']}/customers/{id}").status < 300
    return str(made.json["id"])


def work(office: Office, job: str) -> Any:
    """Run the job and return it."""
    while office.call("GET", f"/jobs/{job}").json["status"] in {"queued", "running"}:
        job_events.handle(event(json.dumps({"org": office.org, "job": job})))
    return office.call("GET", f"/jobs/{job}").json


def queued(office: Office, customer: Any) -> Any:
    found = office.call("GET", f"/customers/{customer['id']}/messages").json["items"]
    return [(one["kind"], one["state"], one["job"]) for one in found]


def test_one_customer_is_invited_and_again(demo: Office) -> None:
    customer = make(demo)
    for _ in range(2):
        invited = demo.call("POST", f"/customers/{customer['id']}/invite", {})
        assert (invited.status, set(invited.json)) == (202, {"job"})
        assert work(demo, invited.json["job"])["status"] == "done"
    assert [kind for kind, _, _ in queued(demo, customer)] == ["portal_invitation"] * 2
    assert customers.get("demo", customer["id"]).link_version == 2
    assert demo.call("GET", f"/customers/{customer['id']}").json["status"] == "added", "no e-mail has left yet"


def test_a_customer_may_be_invited_when_it_is_made(demo: Office) -> None:
    customer = make(demo, invite=True)
    (job,) = [one["id"] for one in demo.call("GET", "/jobs?limit=1").json["items"]]
    assert work(demo, job)["kind"] == "portal_invitations"
    assert queued(demo, customer) == [("portal_invitation", "queued", job)]
    assert make(demo, invite=False)["status"] == "added"


def test_an_accepted_customer_is_refused(demo: Office) -> None:
    customer = make(demo)
    customers.accept(customers.get("demo", customer["id"]), "somebody")
    refused = demo.call("POST", f"/customers/{customer['id']}/invite", {})
    assert (refused.status, refused.json["code"]) == (409, "already_accepted")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"subject": "Hi {{nobody}}"}, ["/subject"]),
        ({"subject": "Hi {{link}}"}, ["/subject"]),
        ({"text": "Hello\n{{customer}} and {{ session_title }}"}, ["/text", "/text"]),
        ({"subject": "A\r\nBcc: eve@example.org"}, ["/subject"]),
        ({"subject": "", "text": " "}, ["/subject", "/text"]),
        ({"more": 1}, ["/more"]),
    ],
)
def test_invalid_custom_text_is_refused_with_all_faults(demo: Office, body: Any, fields: list[str]) -> None:
    customer = make(demo)
    for path, sent in ((f"/customers/{customer['id']}/invite", body), ("/customers/invite", {"audience": {"all": True}, **body})):
        refused = demo.call("POST", path, sent)
        assert (refused.status, [error["field"] for error in refused.json["errors"]]) == (422, fields)
    unknown = demo.call("POST", f"/customers/{customer['id']}/invite", {"text": "Hello\n{{customer}}"}).json["errors"]
    assert "Line 2" in unknown[0]["detail"]
    assert queued(demo, customer) == []


def test_custom_text_is_filled_in_for_each_customer(demo: Office) -> None:
    customer = make(demo)
    words = {"subject": "Come in, {{customer_name}}", "text": "Dear {{customer_name}},\n\n[Open]({{link}})\n\nYours, {{organisation_name}}"}
    job = demo.call("POST", f"/customers/{customer['id']}/invite", words).json["job"]
    work(demo, job)
    (id,) = [one["id"] for one in demo.call("GET", f"/customers/{customer['id']}/messages").json["items"]]
    message = messages.get("demo", id)
    assert message
    gathered = letter(message, now=datetime.now(UTC))
    assert isinstance(gathered, Letter)
    content = render.write(gathered, now=datetime.now(UTC)).content
    assert content.subject == "Come in, Ana Martin"
    link = portal_activation_link("demo", customer["id"], 1, email=customer["email"])
    assert content.text.splitlines()[0] == link
    assert "Dear Ana Martin," in content.text
    assert "Yours, Demo School" in content.text
    assert operations.read_message("demo", id, by=MEMBER).content is None


@pytest.mark.parametrize(
    "audience", [{}, {"all": False}, {"all": True, "group": "g"}, {"status": []}, {"status": ["gone"]}, {"group": ""}, {"everybody": True}]
)
def test_an_audience_is_one_of_three(demo: Office, audience: Any) -> None:
    assert demo.call("POST", "/customers/invite", {"audience": audience}).status == 422


def test_an_unknown_group_is_not_found(demo: Office) -> None:
    for dry_run in (True, False):
        assert demo.call("POST", "/customers/invite", {"audience": {"group": "nothing"}, "dry_run": dry_run}).status == 404


def test_a_dry_run_counts_and_says_who_is_skipped_and_why_and_the_job_does_the_same(demo: Office) -> None:
    now = datetime.now(UTC)
    ana, ben, cleo, dora, eve = (make(demo, name) for name in ("ana", "ben", "cleo", "dora", "eve"))
    customers.accept(customers.get("demo", ben["id"]), "ben's account")
    organisations.set_unsubscribed("demo", cleo["email"], unsubscribed=True, now=now)
    organisations.note_bounce("demo", dora["email"], sent_at=now, now=now)
    id = group(demo, *(one["id"] for one in (ana, ben, cleo, dora, eve)))
    body = {"audience": {"group": id}, "dry_run": True}
    dry = demo.call("POST", "/customers/invite", body)
    assert dry.status == 200
    assert dry.json["counts"] == {
        "total": 5,
        "recipients": 2,
        "skipped": 3,
        "already_accepted": 1,
        "unsubscribed": 1,
        "suppressed": 1,
        "no_address": 0,
    }
    assert {(one["customer"], one["reason"]) for one in dry.json["skipped"]} == {
        (ben["id"], "already_accepted"),
        (cleo["id"], "unsubscribed"),
        (dora["id"], "suppressed"),
    }
    assert dry.json["warnings"] == []
    begun = demo.call("POST", "/customers/invite", {**body, "dry_run": False})
    assert begun.status == 202
    job = work(demo, begun.json["job"])
    assert (job["kind"], job["done"], job["total"], job["failures"]) == ("portal_invitations", 2, 2, [])
    assert job["skipped"] == {"already_accepted": 1, "unsubscribed": 1, "suppressed": 1}
    listed = demo.call("GET", f"/jobs/{job['id']}/customers?limit=1").json
    more = demo.call("GET", f"/jobs/{job['id']}/customers?limit=1&cursor={listed['next']}").json
    assert more["next"] is None
    assert {(one["customer"], one["state"]) for one in listed["items"] + more["items"]} == {(ana["id"], "queued"), (eve["id"], "queued")}


def test_customers_invited_today_cause_a_warning(demo: Office) -> None:
    now = datetime.now(UTC)
    ana, ben = make(demo, "ana"), make(demo, "ben")
    was = customers.get("demo", ana["id"])
    customers.save(replace(was, status="invited", invited_at=now), was=was)
    id = group(demo, ana["id"], ben["id"])
    dry = demo.call("POST", "/customers/invite", {"audience": {"group": id}, "dry_run": True}).json
    assert (dry["counts"]["recipients"], dry["warnings"]) == (2, [{"code": "invited_today", "count": 1}])


def test_progress_exists_only_for_jobs_that_invite(demo: Office) -> None:
    assert demo.call("GET", f"/jobs/{demo.mailing()}/customers").status == 404
