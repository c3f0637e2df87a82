"""R24: every operation that changes something is in the audit log, with its actor, its action and what it was before."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.api.endpoints import Endpoint, every
from chalicelib.rules.actor import Actor
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.tables import audit as table
from chalicelib.web.audience import Public, Staff
from tests.api import test_audit_apart
from tests.api.audit_log import Log
from tests.api.route_cases import ROWS, filled
from tests.api.route_things import THINGS
from tests.api.tenants import World
from tests.http import call

ORG = "/v1/orgs/{org}"
SESSION = ORG + "/sessions/{session}"
INVITATION = ORG + "/invitations/{invitation}"
REGISTRATION = ORG + "/registrations/{registration}"
CUSTOMER = ORG + "/customers/{customer}"
GROUP = ORG + "/groups/{group}"
WEBHOOK = ORG + "/webhooks/{webhook}"
CONTRACT = ORG + "/contracts/{contract}"
BOOKING = "/v1/bookings/{token}"
MINE = "/v1/me/registrations/{registration}"
ACTIONS = {
    ("PATCH", "/v1/me/profile"): "customer.updated",
    ("POST", "/v1/me/profile/calendar-feed"): "customer.updated",
    ("PATCH", MINE): "registration.updated",
    ("POST", MINE + "/cancel"): "registration.removed",
    ("PATCH", BOOKING): "registration.updated",
    ("POST", BOOKING + "/cancel"): "registration.removed",
    ("PATCH", ORG): "organisation.updated",
    ("POST", ORG + "/staff"): "staff.invited",
    ("PATCH", ORG + "/staff/{user}"): "staff.role_changed",
    ("DELETE", ORG + "/staff/{user}"): "staff.deleted",
    ("POST", ORG + "/api-keys"): "api_key.created",
    ("DELETE", ORG + "/api-keys/{key}"): "api_key.deleted",
    ("POST", ORG + "/webhooks"): "webhook.created",
    ("PATCH", WEBHOOK): "webhook.updated",
    ("DELETE", WEBHOOK): "webhook.deleted",
    ("POST", WEBHOOK + "/rotate"): "webhook.secret_changed",
    ("POST", ORG + "/sessions"): "session.created",
    ("PATCH", SESSION): "session.updated",
    ("DELETE", SESSION): "session.deleted",
    ("POST", SESSION + "/cancel"): "session.cancelled",
    ("POST", SESSION + "/go-ahead"): "session.decided",
    ("POST", SESSION + "/picture"): "session.updated",
    ("DELETE", SESSION + "/picture"): "session.updated",
    ("POST", ORG + "/logo"): "organisation.updated",
    ("DELETE", ORG + "/logo"): "organisation.updated",
    ("POST", SESSION + "/duplicate"): "session.created",
    ("POST", SESSION + "/meetings/{meeting}/cancel"): "session.meeting_cancelled",
    ("POST", SESSION + "/meetings/{meeting}/restore"): "session.meeting_restored",
    ("POST", SESSION + "/extras/keep"): "session.updated",
    ("POST", SESSION + "/waitlist"): "waitlist.joined",
    ("POST", ORG + "/waitlist/{entry}/invite"): "waitlist.offered",
    ("DELETE", ORG + "/waitlist/{entry}"): "waitlist.left",
    ("POST", SESSION + "/invitations"): "invitation.created",
    ("POST", SESSION + "/invitations/bulk"): "job.started",
    ("POST", INVITATION + "/resend"): "invitation.resent",
    ("POST", INVITATION + "/cancel"): "invitation.cancelled",
    ("POST", INVITATION + "/revive"): "invitation.revived",
    ("POST", INVITATION + "/approve"): "registration.created",
    ("POST", INVITATION + "/reject"): "invitation.claim_rejected",
    ("DELETE", REGISTRATION): "registration.removed",
    ("PATCH", REGISTRATION): "registration.updated",
    ("PATCH", REGISTRATION + "/contact"): "registration.updated",
    ("POST", REGISTRATION + "/confirmation"): "registration.confirmation_resent",
    ("POST", REGISTRATION + "/billing"): "registration.billed",
    ("POST", REGISTRATION + "/payments"): "payment.received",
    ("POST", REGISTRATION + "/refund"): "payment.refunded",
    ("POST", REGISTRATION + "/transfer"): "registration.moved",
    ("POST", SESSION + "/registrations"): "registration.created",
    ("POST", SESSION + "/messages"): "job.started",
    ("PUT", SESSION + "/meetings/{meeting}/attendance"): "attendance.marked",
    ("POST", ORG + "/check-in"): "attendance.marked",
    ("POST", ORG + "/invoices/{invoice}/correct"): "invoice.corrected",
    ("POST", ORG + "/customers"): "customer.created",
    ("PATCH", CUSTOMER): "customer.updated",
    ("DELETE", CUSTOMER): "customer.deleted",
    ("POST", CUSTOMER + "/erase"): "job.started",
    ("POST", CUSTOMER + "/merge"): "customer.merged",
    ("POST", ORG + "/discount-codes"): "discount.created",
    ("PATCH", ORG + "/discount-codes/{code}"): "discount.updated",
    ("POST", ORG + "/groups"): "group.created",
    ("PATCH", GROUP): "group.updated",
    ("DELETE", GROUP): "group.deleted",
    ("PUT", GROUP + "/customers/{customer}"): "customer.updated",
    ("POST", CUSTOMER + "/invite"): "job.started",
    ("POST", ORG + "/customers/invite"): "job.started",
    ("POST", ORG + "/contracts"): "contract.created",
    ("PATCH", CONTRACT): "contract.updated",
    ("DELETE", CONTRACT): "contract.deleted",
    ("POST", CONTRACT + "/prices"): "price.created",
    ("PATCH", CONTRACT + "/prices/{price}"): "price.updated",
    ("DELETE", CONTRACT + "/prices/{price}"): "price.deleted",
    ("POST", CONTRACT + "/participants"): "participant.created",
    ("PATCH", CONTRACT + "/participants/{participant}"): "participant.updated",
    ("DELETE", CONTRACT + "/participants/{participant}"): "participant.deleted",
    ("POST", CONTRACT + "/participants/{participant}/code"): "participant.updated",
    ("POST", CONTRACT + "/codes"): "codes.issued",
    ("PATCH", CONTRACT + "/codes/{code}"): "code.updated",
    ("DELETE", CONTRACT + "/codes/{code}"): "code.deleted",
    ("POST", ORG + "/imports/{import}/complete"): "job.started",
    ("PUT", ORG + "/templates/{name}/{locale}"): "template.created",
    ("POST", "/v1/portal/{org}/sessions/{session}/registrations"): "registration.created",
    ("POST", "/v1/portal/{org}/baskets"): "registration.created",
    ("POST", "/v1/invitations/{token}/accept"): "invitation.accepted",
    ("POST", "/v1/invitations/{token}/decline"): "invitation.declined",
    ("POST", "/v1/portal/{org}/sessions/{session}/waitlist"): "waitlist.joined",
    ("POST", "/v1/waitlist/{token}/leave"): "waitlist.left",
    ("POST", "/v1/unsubscribe/{token}"): "address.unsubscribed",
    ("PATCH", "/v1/unsubscribe/{token}"): "address.unsubscribed",
}
"""The action of each operation, where its case in `route_cases` succeeds."""
EXPORTS = {
    ("GET", SESSION + "/roster.csv"): "session.exported",
    ("GET", ORG + "/orders.csv"): "orders.exported",
    ("GET", ORG + "/audit.csv"): "audit.exported",
    ("GET", ORG + "/customers.csv"): "customers.exported",
    ("GET", CUSTOMER + "/export"): "customer.exported",
    ("GET", CONTRACT + "/codes.csv"): "codes.exported",
    ("GET", CONTRACT + "/participants.csv"): "participants.exported",
}
"""The action of each operation that changes nothing, but takes data out."""
CHANGES_NOTHING = {
    ("POST", "/v1/auth/refresh"): "goes on with a sign-in",
    ("POST", "/v1/auth/sign-out"): "ends a sign-in",
    ("POST", "/v1/auth/forgot-password"): "sends a link",
    ("POST", ORG + "/second-factor"): "makes a key; its first code is recorded",
    ("POST", "/v1/portal/{org}/register"): "sends a link; the confirmation is recorded",
    ("POST", ORG + "/sessions/repeat-preview"): "shows a preview",
    ("POST", ORG + "/notifications/read"): "marks what one has read",
    ("POST", CONTRACT + "/imports"): "checks a file; its completion is recorded",
    ("POST", CONTRACT + "/imports/uploads"): "prepares an upload",
    ("POST", ORG + "/customers/imports"): "checks a file; its completion is recorded",
    ("POST", ORG + "/customers/imports/uploads"): "prepares an upload",
    ("POST", ORG + "/templates/{name}/{locale}/preview"): "shows a preview",
    ("POST", "/v1/portal/{org}/codes/lookup"): "looks up a code",
    ("POST", "/v1/portal/{org}/sessions/{session}/quote"): "computes a price",
    ("POST", "/v1/portal/{org}/baskets/quote"): "computes a price",
    ("POST", WEBHOOK + "/ping"): "sends a test",
    ("POST", WEBHOOK + "/deliveries/{delivery}/again"): "repeats a delivery",
    ("POST", "/v1/invoices/{token}/checkout"): "opens a page of Stripe",
    ("POST", "/v1/orders/{token}/checkout"): "leads to a page of Stripe; a payment is recorded",
}
TESTED_APART = {
    ("POST", "/v1/auth/sign-in"): "test_staff_sign_in",
    ("POST", "/v1/auth/sign-in/code"): "test_a_second_factor",
    ("POST", ORG + "/second-factor/confirm"): "test_a_second_factor",
    ("POST", ORG + "/second-factor/off"): "test_a_second_factor",
    ("DELETE", ORG + "/staff/{user}/second-factor"): "test_a_second_factor",
    ("POST", "/v1/auth/reset-password"): "test_sign_ins_end_with_a_new_password",
    ("POST", "/v1/auth/activate"): "test_staff_join_in_their_own_name",
    ("POST", "/v1/portal/activate"): "test_an_invited_customer_accepts",
    ("POST", "/v1/portal/confirm"): "test_a_customer_signs_up",
    ("POST", "/v1/stripe/{org}/webhook"): "test_an_online_payment",
    ("POST", CONTRACT + "/codes/{code}/return"): "test_a_returned_code",
    ("POST", "/v1/waitlist/{token}/confirm"): "test_a_confirmed_place_on_a_waitlist",
    ("POST", ORG + "/waitlist/{entry}/move"): "test_a_move_in_the_waitlist",
    ("DELETE", GROUP + "/customers/{customer}"): "test_a_customer_leaves_a_group",
    ("DELETE", ORG + "/templates/{name}/{locale}"): "test_a_template_is_reset",
    ("POST", "/v1/resubscribe/{token}"): "test_an_address_subscribes_again",
    ("POST", BOOKING + "/move"): "test_a_family_moves_its_booking",
    ("POST", MINE + "/move"): "test_a_family_moves_its_booking",
    ("POST", CUSTOMER + "/reachable"): "test_a_lifted_suppression",
}
"""Operations whose cases in `route_cases` are refused or find nothing to do. Each has a test in `tests/api/test_audit_apart.py`."""
EXPORT = re.compile(r"export|\.csv")
CREATE = re.compile(r"\.(created|joined|invited|issued|started|revived|corrected)$")
ACTOR = {"kind": "staff", "name": "owner@demo.test"}
"""Whom the operations are called by; the things that they need are made by a manager."""
SOME_CUSTOMER = {"kind": "customer", "name": None}


def operations() -> list[Endpoint]:
    return [declared for declared in every() if declared.method != "GET"]


def route(declared: Endpoint) -> tuple[str, str]:
    return declared.method, declared.path


def test_every_operation_is_accounted_for() -> None:
    accounted = [*ACTIONS, *CHANGES_NOTHING, *TESTED_APART]
    assert sorted(accounted) == sorted(map(route, operations()))


def test_every_test_apart_exists() -> None:
    assert [name for name in TESTED_APART.values() if not callable(getattr(test_audit_apart, name, None))] == []


def test_every_export_is_accounted_for() -> None:
    found = {route(declared) for declared in every() if declared.method == "GET" and EXPORT.search(f"{declared.id} {declared.path}")}
    assert found == set(EXPORTS)


@pytest.mark.parametrize("declared", [one for one in every() if route(one) in EXPORTS], ids=lambda one: one.id)
def test_an_export_is_in_the_audit_log(world: World, log: Log, declared: Endpoint) -> None:
    names = re.findall(r"{(\w+)}", declared.path)
    params = {"org": "demo", **THINGS[names[-1] if names[-1] in THINGS else "org"](world.demo)}
    response = call("GET", re.sub(r"{(\w+)}", lambda name: params[name[1]], declared.path), token=world.demo.tokens["owner"])
    assert response.status == 200, response.text
    entry = log.one(EXPORTS[route(declared)])
    assert (entry["actor"], entry["thing"]) == (ACTOR, params.get(names[-1]) if names[-1] != "org" else None)


@pytest.mark.parametrize("declared", [one for one in operations() if route(one) in ACTIONS], ids=lambda one: one.id)
def test_an_operation_is_in_the_audit_log(world: World, log: Log, declared: Endpoint) -> None:
    row = ROWS[route(declared)]
    names = re.findall(r"{(\w+)}", declared.path)
    params = {"org": "demo", **THINGS[row.on or (names[-1] if names and names[-1] in THINGS else "org")](world.demo)}
    path = re.sub(r"{(\w+)}", lambda name: params[name[1]], declared.path)
    response = call(declared.method, path, filled(row.body, world.demo, params), token=_token(world, declared))
    assert response.status == row.gives, response.text
    new = log.news()
    actor = ACTOR if isinstance(declared.who, Staff) else SOME_CUSTOMER
    wanted = [entry for entry in new if entry["action"] == ACTIONS[route(declared)] and entry["actor"] == actor]
    assert wanted, [(entry["action"], entry["actor"]) for entry in new]
    _check_sides(wanted[0])


def _token(world: World, declared: Endpoint) -> str | None:
    match declared.who:
        case Staff():
            return world.demo.tokens["owner"]
        case Public():
            return None
    return world.customer


def _check_sides(entry: Any) -> None:
    """An entry has both sides of a change; a new thing has none before, and a deleted one none after."""
    created, deleted = bool(CREATE.search(entry["action"])), entry["action"].endswith(".deleted")
    assert not created or entry["before"] is None, entry
    assert entry["after"] if created else entry["before"] or entry["after"], entry
    assert not deleted or entry["after"] is None, entry


def test_the_days_of_a_period_are_the_organisations_own(world: World, log: Log) -> None:
    """Half past eleven in the evening of London is the next day in Paris."""
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    table.add(AuditEntry("demo", "late", at, Actor("staff", "u", "zone@demo.test"), "session.updated", AuditSubject("session", "s")))
    assert world.demo.call("PATCH", "", {"time_zone": "Europe/Paris"}, by="owner").status == 200

    def found(period: str) -> list[str]:
        return [entry["id"] for entry in world.demo.call("GET", f"/audit?actor=zone@demo.test&{period}", by="owner").json["items"]]

    assert found("from=2026-03-02&to=2026-03-02") == ["late"]
    assert found("from=2026-03-01&to=2026-03-01") == []
    assert found("from=2026-03-01T23:30:00Z&to=2026-03-01T23:30:00Z") == ["late"]
    assert found("from=2026-03-03") == []


@pytest.mark.parametrize(("name", "text"), [("from", "yesterday"), ("to", "2026-13-01"), ("from", "2026-03-01T10:00:00"), ("to", "0")])
def test_nonsense_for_a_period_is_refused(world: World, name: str, text: str) -> None:
    for path in ("/audit", "/audit.csv"):
        response = world.demo.call("GET", f"{path}?{name}={text}", by="owner")
        assert (response.status, response.json["errors"][0]["field"]) == (422, f"/{name}")


def test_the_csv_has_the_entries_of_the_list(world: World, log: Log) -> None:
    world.demo.session(title="In the file")
    log.follow()
    first, *lines = world.demo.call("GET", "/audit.csv?actor=manager@demo.test", by="owner").text.splitlines()
    assert first.endswith("At,Actor kind,Actor,Action,Thing,Before,After")
    assert any("session.created" in line and "title: In the file" in line for line in lines)
    assert all("manager@demo.test" in line for line in lines)


@pytest.mark.parametrize("role", ["manager", "viewer"])
def test_only_owners_read_the_log(world: World, role: str) -> None:
    assert {world.demo.call("GET", path, by=role).status for path in ("/audit", "/audit.csv")} == {403}
