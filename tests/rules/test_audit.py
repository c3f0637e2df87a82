"""What of a change is recorded: the action, and the fields that differ, without those that people do not know."""

from typing import Any

import pytest

from chalicelib.rules import audited_kinds
from chalicelib.rules.actor import CLOCK, CUSTOMER, Actor, actor_from
from chalicelib.rules.audit import HIDDEN, LONGEST_TEXT, MOST_ITEMS_OF_A_LIST, TECHNICAL, AuditedKind, Difference, difference

ROW = {"pk": "demo", "sk": "SESSION", "version": 3, "title": "Judo", "spots_total": 12}


def changed(kind: AuditedKind, old: dict[str, Any] | None, new: dict[str, Any] | None) -> str:
    """Return the action of a change, empty for none."""
    found = difference(kind, old, new)
    return found.action if found else ""


def test_only_the_fields_that_differ_are_recorded() -> None:
    found = difference(audited_kinds.SESSION, ROW, {**ROW, "version": 4, "title": "Aikido", "location": "Hall"})
    assert found == Difference("session.updated", {"title": "Judo"}, {"title": "Aikido", "location": "Hall"})


def test_a_new_thing_has_no_before_and_a_deleted_one_no_after() -> None:
    fields = {"title": "Judo", "spots_total": 12}
    assert difference(audited_kinds.SESSION, None, ROW) == Difference("session.created", {}, fields)
    assert difference(audited_kinds.SESSION, ROW, None) == Difference("session.deleted", fields, {})


def test_a_group_that_ends_is_deleted_with_all_that_it_was() -> None:
    group = {"name": "Monday", "members": 4}
    assert difference(audited_kinds.GROUP, group, {**group, "ending": True}) == Difference("group.deleted", group, {})


def test_what_people_do_not_know_is_no_change() -> None:
    assert difference(audited_kinds.SESSION, ROW, {**ROW, "version": 4, "written_by": "clock##"}) is None
    assert difference(audited_kinds.SESSION, ROW, {**ROW, **dict.fromkeys(TECHNICAL, "other")}) is None


def test_names_that_differ_are_those_of_the_api() -> None:
    found = difference(audited_kinds.SESSION, ROW, {**ROW, "opens_at": "2026-11-24T16:00:00Z"})
    assert found is not None
    assert found.after == {"registration_opens_at": "2026-11-24T16:00:00Z"}


def test_of_secrets_only_the_change_is_recorded() -> None:
    old, new = {"secret_key": "sk_one", "webhook_secret": "whsec_one"}, {"secret_key": "sk_two", "webhook_secret": "whsec_one"}
    assert difference(audited_kinds.PAYMENT_KEYS, old, new) == Difference(
        "payment_keys.updated", {"secret_key": HIDDEN}, {"secret_key": HIDDEN}
    )
    assert "sk_" not in str(difference(audited_kinds.PAYMENT_KEYS, None, new))
    assert "sk_" not in str(difference(audited_kinds.PAYMENT_KEYS, new, None))


def test_long_values_are_shortened() -> None:
    row = {**ROW, "description": "x" * 9999, "meetings": [{"id": str(n), "note": "y" * 9999} for n in range(99)], "raw": b"bytes"}
    found = difference(audited_kinds.SESSION, None, row)
    assert found is not None
    assert len(found.after["description"]) == LONGEST_TEXT + 1
    assert len(found.after["meetings"]) == MOST_ITEMS_OF_A_LIST
    assert len(found.after["meetings"][0]["note"]) == LONGEST_TEXT + 1
    assert found.after["raw"] == HIDDEN


@pytest.mark.parametrize(
    ("kind", "old", "new", "action"),
    [
        pytest.param(audited_kinds.REGISTRATION, None, {"name": "Ana"}, "", id="a registration whose spots may yet be refused"),
        pytest.param(audited_kinds.REGISTRATION, {}, {"confirmed_at": "now"}, "registration.created", id="confirmed"),
        pytest.param(audited_kinds.REGISTRATION, {}, {"removed_at": "now"}, "registration.removed", id="removed"),
        pytest.param(
            audited_kinds.REGISTRATION, {}, {"moved_to": "s2", "removed_at": "now"}, "registration.moved", id="moved, which removes it"
        ),
        pytest.param(audited_kinds.REGISTRATION, {"payments": [1]}, {"payments": [1, 2]}, "payment.received", id="another payment"),
        pytest.param(audited_kinds.REGISTRATION, {"billing": "open"}, {"billing": "paid"}, "registration.billed", id="billed"),
        pytest.param(audited_kinds.INVITATION, {}, {"registration": "r"}, "invitation.accepted", id="accepted"),
        pytest.param(audited_kinds.INVITATION, {}, {"ended": "expired"}, "invitation.expired", id="expired"),
        pytest.param(audited_kinds.INVITATION, {}, {"ended": "declined"}, "invitation.declined", id="declined"),
        pytest.param(audited_kinds.INVITATION, {}, {"ended": "cancelled"}, "invitation.cancelled", id="cancelled"),
        pytest.param(audited_kinds.INVITATION, {"sends": 1}, {"sends": 2}, "invitation.resent", id="resent"),
        pytest.param(audited_kinds.INVITATION, {}, {"claimant": {"name": "Bob"}}, "invitation.claimed", id="claimed"),
        pytest.param(audited_kinds.INVITATION, {"claimant": {"name": "Bob"}}, {}, "invitation.claim_rejected", id="rejected"),
        pytest.param(audited_kinds.WAITLIST, {"status": "waiting"}, {"status": "offered"}, "waitlist.offered", id="offered"),
        pytest.param(audited_kinds.WAITLIST, {"status": "offered"}, {"status": "waiting"}, "waitlist.returned", id="in line again"),
        pytest.param(audited_kinds.WAITLIST, {"place": 3}, {"place": 1}, "waitlist.moved", id="moved in line"),
        pytest.param(audited_kinds.CUSTOMER_ROW, {}, {"merged_into": "c2"}, "customer.merged", id="merged"),
        pytest.param(audited_kinds.CUSTOMER_ROW, {}, {"sessions_from": "now"}, "customer.sign_ins_ended", id="a customer's sign-ins"),
        pytest.param(audited_kinds.STAFF, None, {"status": "invited"}, "staff.invited", id="staff invited"),
        pytest.param(audited_kinds.STAFF, None, {"status": "active"}, "staff.joined", id="staff joined"),
        pytest.param(audited_kinds.STAFF, {"role": "viewer"}, {"role": "owner"}, "staff.role_changed", id="a role"),
        pytest.param(audited_kinds.STAFF, {}, {"feed_version": 1}, "staff.calendar_renewed", id="a calendar"),
        pytest.param(audited_kinds.TEMPLATE, {"subject": "S", "body": "B"}, {}, "template.reset", id="a template reset"),
        pytest.param(audited_kinds.INVOICE, None, {"credits": "2026-0001"}, "invoice.corrected", id="a credit note"),
        pytest.param(audited_kinds.JOB, {"kind": "erase", "done": 1}, {"kind": "erase", "done": 2}, "", id="a job that goes on"),
        pytest.param(audited_kinds.ADDRESS, None, {"customer": "c1"}, "", id="a new address"),
        pytest.param(audited_kinds.ADDRESS, {}, {"unsubscribed": True}, "address.unsubscribed", id="unsubscribed"),
        pytest.param(audited_kinds.ADDRESS, {"unsubscribed": True}, {"unsubscribed": False}, "address.resubscribed", id="resubscribed"),
        pytest.param(audited_kinds.ADDRESS, {"suppressed": True}, {}, "address.reachable", id="a lifted suppression"),
    ],
)
def test_changes_that_are_more_than_an_update(
    kind: AuditedKind, old: dict[str, Any] | None, new: dict[str, Any] | None, action: str
) -> None:
    assert changed(kind, old, new) == action


@pytest.mark.parametrize("actor", [CLOCK, CUSTOMER, Actor("staff", "u-1", "ana@example.org"), Actor("key", "k1", "Till # 2")])
def test_an_actor_is_read_as_it_was_written(actor: Actor) -> None:
    assert actor_from(actor.written()) == actor


def test_rows_of_older_versions_name_no_actor() -> None:
    assert actor_from(None) is None
