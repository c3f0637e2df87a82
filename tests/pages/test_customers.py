"""Customers on pages, without JavaScript: create, find, group, edit, merge, erase; and the list of their e-mails."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

import pytest

from chalicelib.events.jobs import WORK
from chalicelib.operations import customers, jobs
from chalicelib.operations.messages import queue
from chalicelib.rules.customers import Customer
from chalicelib.rules.groups import Group
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import messages
from chalicelib.tables import organisations as wishes
from tests.aws import Demo
from tests.pages.browser import Browser, Page

group_operations = import_module("chalicelib.operations.customers.groups")

LIST = "/o/demo/customers"
GROUPS = "/o/demo/groups"


@pytest.fixture
def group(demo_org: Demo, today: datetime) -> Group:
    return customers.create_group("demo", GroupInput(name="Judo kids"), key="judo", now=today)


@pytest.fixture
def ana(group: Group, today: datetime) -> Customer:
    draft = CustomerInput(name="Ana Novak", email="ana@example.org", phone="07", groups=[group.id], fields={"Level": "blue"})
    return customers.create_customer("demo", draft, key="ana", now=today)


@pytest.fixture
def ben(demo_org: Demo, today: datetime) -> Customer:
    return customers.create_customer("demo", CustomerInput(name="Ben Novak", email="ben@example.org"), key="ben", now=today)


@pytest.fixture
def viewer(as_role: Callable[[str], Browser]) -> Browser:
    return as_role("viewer")


def filled(browser: Browser, path: str, **typed: str) -> Page:
    return browser.send(browser.get(path), {name.replace("__", "/"): value for name, value in typed.items()})


def test_a_customer_is_made_with_children_groups_and_fields(manager: Browser, group: Group) -> None:
    typed = {
        "participants__0__name": "Kim",
        "participants__0__date_of_birth": "2019-02-01",
        "fields__0__name": "Level",
        "fields__0__value": "blue",
    }
    made = filled(manager, f"{LIST}/new", name="Cleo", email="cleo@example.org", **typed, **{f"groups__{group.id}": "true"})
    shown = manager.follow(made).text
    for said in ("Cleo", "cleo@example.org", "Kim born 2019-02-01", "Judo kids", "Level blue", "Has not been invited to the portal yet."):
        assert said in shown


def test_each_fault_is_shown_at_its_field_and_at_its_filled_row(manager: Browser, ana: Customer) -> None:
    typed = {"participants__0__name": "Kim", "participants__0__date_of_birth": "soon", "fields__0__name": "Email", "fields__0__value": "x"}
    wrong = filled(manager, f"{LIST}/new", name="", email="cleo@", **typed)
    assert wrong.status == 422
    for name in ("name", "email", "participants/0/date_of_birth", "fields/0/name"):
        assert wrong.described(name) != "", name
    assert wrong.form().fields["participants/0/name"] == "Kim"
    taken = filled(manager, f"{LIST}/new", name="Another", email="ANA@example.org")
    assert (taken.status, "There is a customer with this address" in taken.described("email")) == (409, True)
    assert f"{LIST}/{ana.id}" in taken.links


def test_more_rows_come_without_script_and_keep_what_was_typed(manager: Browser, demo_org: Demo) -> None:
    page = filled(manager, f"{LIST}/new", name="Cleo", participants__0__name="Kim", more="participants")
    fields = page.form().fields
    assert (page.status, fields["name"], fields["participants/0/name"]) == (200, "Cleo", "Kim")
    assert "participants/2/name" in fields


def test_the_list_is_narrowed_by_words_status_and_group(viewer: Browser, ana: Customer, ben: Customer, group: Group) -> None:
    assert "Ana Novak" in (every := viewer.get(LIST).text)
    assert "Ben Novak" in every
    assert "Judo kids" in every
    of_group = viewer.get(f"{LIST}?group={group.id}&q=nov").text
    assert ("Ana Novak" in of_group, "Ben Novak" in of_group) == (True, False)
    assert "Nobody here matches." in viewer.get(f"{LIST}?status=accepted").text
    assert "Import CSV" not in every
    table = viewer.get(f"{LIST}.csv")
    assert "Ana Novak,ana@example.org,07,,Judo kids,added,blue" in table.html


def test_an_edit_changes_the_named_fields_and_is_refused_on_an_old_version(manager: Browser, ana: Customer) -> None:
    path = f"{LIST}/{ana.id}"
    form = manager.get(f"{path}/edit")
    done = manager.follow(manager.send(form, {"name": "Ana Kovač", "fields/0/value": "green", "participants/0/name": "Kim"}))
    for said in ("Saved.", "Ana Kovač", "Level green", "Kim", "Judo kids"):
        assert said in done.text
    late = manager.send(form, {"name": "Ana Late"})
    assert (late.status, "Somebody changed this" in late.text) == (412, True)


def test_merging_two_customers_asks_first(manager: Browser, ana: Customer, ben: Customer) -> None:
    path = f"{LIST}/{ben.id}"
    found = manager.get(f"{path}/merge?q=ana")
    assert f"{path}/merge?into={ana.id}" in found.links
    question = manager.get(f"{path}/merge?into={ana.id}")
    assert "Merge Ben Novak into Ana Novak?" in question.text
    merged = manager.follow(manager.send(question, {}))
    assert "Customers merged." in merged.text
    assert "Also known as ben@example.org" in merged.text
    assert "was merged into this one" in manager.follow(manager.get(path)).text


def test_an_erasure_shows_its_consequences_and_its_progress(
    manager: Browser, ana: Customer, session: Session, today: datetime, bucket: str, nobody_has_an_account: None
) -> None:
    path, roster = f"{LIST}/{ana.id}", f"/o/demo/sessions/{session.id}"
    typed = {"new_customer/name": ana.name, "new_customer/email": ana.email, "participants/0/name": "Mia", "billing/method": "later"}
    assert manager.send(manager.get(f"{roster}/add"), typed, action=f"{roster}/add").status == 303
    question = manager.get(f"{path}/erase")
    assert "Erase Ana Novak?" in question.text
    assert "are deleted everywhere, for good." in question.text
    under_way = manager.follow(manager.send(question, {}))
    assert "Erasing a customer" in under_way.text
    own = under_way.path.rpartition("/")[2].partition("?")[0]
    while jobs.read_job("demo", own).open:
        jobs.run_step("demo", own, WORK, now=today)
    assert "Done" in manager.get(f"/o/demo/jobs/{own}").text
    assert manager.get(path).status == 404
    for language, name in (("en", "Erased customer"), ("fr", "Client effacé"), ("de", "Gelöschter Kunde")):
        assert (name in (shown := manager.get(f"{roster}?lang={language}").text), "Ana" in shown) == (True, False), shown


@pytest.fixture
def nobody_has_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user pool has no accounts."""
    monkeypatch.setattr("chalicelib.operations.auth.user_pool.user_of", lambda _email: None)


def test_every_message_is_there_with_its_state_in_words(viewer: Browser, ana: Customer, today: datetime) -> None:
    assert "No e-mails to them yet." in viewer.get(f"{LIST}/{ana.id}/messages").text
    own = queue(kind="password_reset", org="demo", to=ana.email, locale="en", data={"user": "u", "nonce": "n"}, key="1", now=today)
    message = messages.get("demo", own)
    assert message
    shown = viewer.get(f"{LIST}/{ana.id}/messages")
    assert "queued" in shown.text
    assert f"/o/demo/messages/{own}" in shown.links


def test_an_address_that_bounces_is_shown_plainly_and_can_be_lifted(
    viewer: Browser, manager: Browser, ana: Customer, today: datetime
) -> None:
    wishes.note_bounce("demo", ana.email, sent_at=today, reason="550 user unknown", now=today)
    shown = viewer.get(f"{LIST}/{ana.id}")
    assert "Cannot be reached: e-mails to this address bounce" in shown.text
    assert "550 user unknown" in shown.text
    assert "The address works again" not in shown.text, "a viewer cannot lift it"
    lifted = manager.follow(manager.post(f"{LIST}/{ana.id}/reachable", {}))
    assert "We send e-mails to them again." in lifted.text
    assert "Cannot be reached" not in lifted.text


def test_a_complaint_is_shown_with_its_kind_and_cannot_be_lifted(manager: Browser, ana: Customer, today: datetime) -> None:
    wishes.note_complaint("demo", ana.email, kind="portal_invitation", now=today)
    wishes.note_bounce("demo", ana.email, sent_at=today, reason="550 later", now=today)
    shown = manager.get(f"{LIST}/{ana.id}")
    assert "an e-mail (Portal invitation) was marked as spam" in shown.text
    assert "550 later" in shown.text, "a bounce after the complaint is not hidden"
    assert "The address works again" not in shown.text
    assert manager.post(f"{LIST}/{ana.id}/reachable", {}).status == 409


def test_unsubscribing_is_shown_plainly(viewer: Browser, ana: Customer, today: datetime) -> None:
    wishes.set_unsubscribed("demo", ana.email, unsubscribed=True, now=today)
    assert "Unsubscribed: gets no invitations and no reminders." in viewer.get(f"{LIST}/{ana.id}").text


def test_a_group_is_made_filled_renamed_and_deleted(manager: Browser, ana: Customer, ben: Customer) -> None:
    made = manager.follow(filled(manager, GROUPS, name="Summer"))
    assert "Group created." in made.text
    path = made.path.partition("?")[0]
    found = manager.get(f"{path}?q=ben")
    joined = manager.follow(manager.send(found, {}, action=f"{path}/join"))
    assert "Added to the group." in joined.text
    assert "Summer 1 customer" in manager.get(GROUPS).text
    assert "Summer" in manager.follow(manager.send(joined, {"name": "Summer camp"}, action=path)).text
    taken = manager.send(manager.get(path), {"name": "judo KIDS"}, action=path)
    assert (taken.status, "a group of this name" in taken.described("name")) == (409, True)
    left = manager.follow(manager.send(manager.get(path), {}, action=f"{path}/leave"))
    assert "Nobody in this group yet." in left.text
    deleted = manager.follow(manager.send(manager.get(f"{path}/delete"), {}))
    assert "The group is deleted." in deleted.text
    assert manager.get(path).status == 404


def test_only_managers_download_a_customers_data(manager: Browser, viewer: Browser, ana: Customer) -> None:
    response = manager.get(f"{LIST}/{ana.id}/export")
    assert response.headers["content-disposition"] == 'attachment; filename="customer.json"'
    assert '"ana@example.org"' in response.html
    assert viewer.get(f"{LIST}/{ana.id}/export").status == 403


def test_an_edit_conflict_shows_both_versions_and_can_be_saved(manager: Browser, ana: Customer) -> None:
    path = f"/o/demo/customers/{ana.id}/edit"
    mine, theirs = manager.get(path), manager.get(path)
    assert manager.send(theirs, {"name": "Ana Maria", "phone": "+33 1 23 45 67 89"}).status == 303
    late = manager.send(mine, {"name": "Anna"})
    assert late.status == 412
    assert "Both versions are shown below: save again to keep what you entered." in late.text
    assert "Saved meanwhile: Ana Maria" in late.text
    assert "Saved meanwhile: +33 1 23 45 67 89" in late.text
    assert late.form(path).fields["name"] == "Anna"
    assert manager.send(late, {}).status == 303
    assert "Anna" in manager.get(f"/o/demo/customers/{ana.id}").text


def test_pages_with_groups_count_few_customers_and_never_read_many(
    manager: Browser, ana: Customer, ben: Customer, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    for counted in (True, False):
        assert ("1 customer" in manager.get("/o/demo/groups").text, group.name in manager.get("/o/demo/groups").text) == (counted, True)
        question = manager.get("/o/demo/customers/invite").text
        assert (f"{group.name} (1)" in question, group.name in question) == (counted, True)
        monkeypatch.setattr(group_operations, "MOST_COUNTED", 1)
