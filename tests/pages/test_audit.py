"""The audit log as owners read it."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.operations.audit import value_text
from chalicelib.pages.audit_fields import FIELDS
from chalicelib.pages.audit_labels import ACTIONS, action_label, field_label
from chalicelib.rules.actor import Actor
from chalicelib.rules.audit import CREATED, DELETED, TECHNICAL, AuditEntry, AuditSubject
from chalicelib.rules.codes import Batch
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice
from chalicelib.rules.customers import Customer
from chalicelib.rules.groups import Group
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.organisations import Organisation, StaffMember
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import audit
from chalicelib.tables.audited_rows import AUDITED
from tests.pages.browser import Browser

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

AS_ROLE = Callable[[str], Browser]
ANA = Actor("staff", "u-ana", "ana@demo.test")
NOW = datetime.now(UTC).replace(microsecond=0)


def noted(number: int, action: str = "session.updated", thing: str = "s1", **more: object) -> None:
    values = {"before": {"spots_total": 5}, "after": {"spots_total": 6}, **more}
    kind = action.partition(".")[0]
    at = NOW - timedelta(minutes=number)
    audit.add(AuditEntry("demo", f"e{number}", at, ANA, action, AuditSubject(kind, thing), **values))  # type: ignore[arg-type]


@pytest.fixture
def owner(as_role: AS_ROLE) -> Browser:
    return as_role("owner")


def test_the_log_says_who_did_what_and_what_it_was_before(owner: Browser) -> None:
    noted(1)
    page = owner.get("/o/demo/audit")
    for words in ("Session changed", "ana@demo.test", "Spots", "5", "6", "Before", "After"):
        assert words in page.text
    assert "/o/demo/sessions/s1" in page.links
    assert "/o/demo/audit?thing=s1" in page.links


def test_the_log_is_filtered_and_keeps_what_was_asked(owner: Browser) -> None:
    noted(1)
    noted(2, "customer.created", "c1", before={}, after={"name": "Cleo"})
    page = owner.get("/o/demo/audit?thing=c1&actor=ana@demo.test")
    assert "Customer added" in page.text
    assert "Session changed" not in page.text
    assert "No entries." in owner.get("/o/demo/audit?actor=nobody@demo.test").text
    assert "No entries." in owner.get("/o/demo/audit?to=2020-01-01").text
    assert any(link.startswith("/o/demo/audit.csv?") and "thing=c1" in link for link in page.links)


def test_older_entries_are_on_the_next_page(owner: Browser) -> None:
    for number in range(51):
        noted(number, after={"title": f"Title {number:03}"})
    page = owner.get("/o/demo/audit")
    (older,) = [link for link in page.links if "cursor=" in link]
    assert "Title 049" in page.text
    assert "Title 050" in owner.get(older).text


def test_nonsense_for_a_day_is_said(owner: Browser) -> None:
    page = owner.get("/o/demo/audit?from=yesterday")
    assert page.status == 422
    assert "Write the date as 2026-11-24." in page.text


def test_only_owners_see_the_log_and_links_to_it(as_role: AS_ROLE, make_session: Callable[..., Session]) -> None:
    session = make_session()
    link = f"/o/demo/audit?thing={session.id}"
    assert link in as_role("owner").get(f"/o/demo/sessions/{session.id}").links
    for role in ("manager", "viewer"):
        assert as_role(role).get("/o/demo/audit").status == 403
        assert link not in as_role(role).get(f"/o/demo/sessions/{session.id}").links


def test_every_action_of_a_row_has_a_label() -> None:
    for row in AUDITED:
        steps = {step.action for step in row.kind.actions} | {CREATED, DELETED, "updated"}
        actions = {step if "." in step else f"{row.kind.noun}.{step}" for step in steps}
        never = {f"{row.kind.noun}.{verb}" for verb in (CREATED, DELETED, "updated")}
        assert actions - never <= set(ACTIONS), row.kind.noun
        assert any(action.startswith(f"{row.kind.noun}.") for action in ACTIONS)


MODELS = (
    Session,
    Registration,
    Invitation,
    WaitlistEntry,
    Customer,
    Organisation,
    StaffMember,
    Contract,
    ContractPrice,
    ContractParticipant,
    Batch,
    Invoice,
    Group,
)
"""The models of recorded rows; the other kinds list what they record."""


@pytest.mark.parametrize("model", MODELS)
def test_every_recorded_field_of_a_model_has_a_label(model: "type[DataclassInstance]") -> None:
    assert {field.name for field in fields(model)} - TECHNICAL - FIELDS.keys() == set()


def test_every_listed_field_of_a_row_has_a_label() -> None:
    listed = {name for row in AUDITED for name in (row.kind.only or set()) | row.kind.hidden}
    assert listed - FIELDS.keys() == set()


def test_unknown_names_are_written_as_words() -> None:
    assert (action_label("thing.was_done"), field_label("shoe_size")) == ("Thing was done", "Shoe size")
    assert field_label("spots_total") == FIELDS["spots_total"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"amount": 1250, "currency": "EUR"}, "12.50 EUR"),
        ({"amount": 1250, "currency": "EUR", "name": "Child"}, "Child 12.50 EUR"),
        ([{"name": "Kim", "date_of_birth": ""}, {"name": "Lou"}], "name Kim | name Lou"),
        (True, "yes"),
        (7, "7"),
    ],
)
def test_values_are_written_for_people(value: object, text: str) -> None:
    assert value_text(value) == text
