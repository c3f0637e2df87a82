"""Portal invitations on pages: the audience, the text, the skipped customers, and the job."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import pytest

from chalicelib.events.jobs import WORK
from chalicelib.operations import customers as operations
from chalicelib.operations import jobs
from chalicelib.operations.portal_invitations import progress
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.tables import customers, messages, organisations
from tests.aws import Demo
from tests.pages.browser import Browser, Page

MANY = "/o/demo/customers/invite"


@pytest.fixture
def known(demo_org: Demo, today: datetime) -> Callable[..., str]:
    """Return `known("ana")`, which creates a customer of that name and returns the id."""

    def make(name: str, **more: object) -> str:
        draft = CustomerInput.model_validate({"name": name.title(), "email": f"{name}@example.org", **more})
        return operations.create_customer("demo", draft, key=name, now=today).id

    return make


def sent(manager: Browser, response: Page) -> Page:
    """Run the job that the answer redirects to, and return its page."""
    shown = manager.follow(response)
    job = shown.path.rpartition("/")[2]
    while (found := jobs.read_job("demo", job)).open:
        jobs.run_step("demo", job, WORK, now=found.moved_at)
    return manager.get(shown.path)


def test_a_group_is_invited_after_a_preview_of_the_audience(manager: Browser, known: Callable[..., str], today: datetime) -> None:
    group = operations.create_group("demo", GroupInput(name="Tuesday"), key="g", now=today).id
    ana, ben, cleo = (known(name, groups=[group]) for name in ("ana", "ben", "cleo"))
    known("outsider")
    organisations.set_unsubscribed("demo", "ben@example.org", unsubscribed=True, now=today)
    customers.accept(customers.get("demo", cleo), "cleo's account")
    form = manager.get(f"{MANY}?group={group}")
    assert form.form().fields["subject"] == "Portal Invitation"
    assert "[Join Our Portal]({{link}})" in form.form().fields["text"]
    assert "Tuesday (3)" in form.text
    words = {"subject": "Come in, {{customer_name}}", "text": "Dear {{customer_name}},\r\n\r\n[Open]({{link}})", "do": "check"}
    check = manager.send(form, words)
    assert "Invite one customer?" in check.text
    assert "1 has unsubscribed" in check.text
    assert "1 has joined already" in check.text
    assert "Come in, Ana Martin" in check.text, "the preview"
    assert jobs.list_jobs("demo", limit=5).items == []
    done = sent(manager, manager.send(check, {"do": "send"}))
    assert "Done: 1 of 1 e-mail prepared." in done.text
    assert "Ana" in done.text
    assert "1 has unsubscribed" in done.text
    ((message,), _) = messages.to_address("demo", "ana@example.org", limit=9, start=None)
    assert f"/o/demo/messages/{message.id}" in done.links
    assert f"/o/demo/customers/{ana}" in done.links
    assert ben not in done.html


def test_going_back_keeps_what_was_typed(manager: Browser, known: Callable[..., str]) -> None:
    known("ana")
    check = manager.send(manager.get(MANY), {"subject": "Hello there", "whom": "all", "do": "check"})
    again = manager.send(check, {"do": "edit"})
    assert (again.form().fields["subject"], again.form().fields["whom"]) == ("Hello there", "all")


def test_sending_twice_is_one_job(manager: Browser, known: Callable[..., str]) -> None:
    known("ana")
    check = manager.send(manager.get(MANY), {"do": "check"})
    first, again = (manager.send(check, {"do": "send"}) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"subject": ""}, "", ""),
        ({"subject": "Hi {{nobody}}"}, "subject", "unknown variable"),
        ({"text": "Hello\r\n{{customer}}"}, "text", "Line 2"),
        ({"whom": "group", "group": ""}, "group", "Choose a group"),
        ({"whom": "status", "status/added": ""}, "status/added", "Choose at least one"),
    ],
)
def test_each_fault_is_shown_at_its_field(
    manager: Browser, known: Callable[..., str], typed: dict[str, str], field: str, says: str
) -> None:
    known("ana")
    response = manager.send(manager.get(MANY), {**typed, "do": "check"})
    assert response.status == (422 if field else 200)
    if field:
        assert says in response.described(field)
        assert response.form().fields["whom"] == typed.get("whom", "status"), "what was chosen stays"


def test_the_check_counts_customers_invited_today_and_sends_to_no_empty_audience(
    manager: Browser, known: Callable[..., str], today: datetime
) -> None:
    was = customers.get("demo", known("ana"))
    customers.save(replace(was, status="invited", invited_at=today), was=was)
    check = manager.send(manager.get(MANY), {"whom": "all", "do": "check"})
    assert "1 of them got an invitation or a reminder today already." in check.text
    nobody = manager.send(manager.get(MANY), {"whom": "status", "do": "check"})
    assert "Nobody would get it" in nobody.text
    assert "Send" not in nobody.text


def test_one_customer_is_invited_from_their_page_and_again(manager: Browser, known: Callable[..., str], today: datetime) -> None:
    own = known("ana")
    page = manager.get(f"/o/demo/customers/{own}")
    assert f"/o/demo/customers/{own}/invite" in page.links
    done = manager.send(manager.get(f"/o/demo/customers/{own}/invite"), {"do": "send"})
    assert "The invitation to the portal is on its way." in manager.follow(done).text
    was = customers.get("demo", own)
    customers.save(replace(was, status="invited", invited_at=today), was=was)
    assert "Invite Ana to the portal again" in manager.get(f"/o/demo/customers/{own}/invite").text
    customers.accept(customers.get("demo", own), "ana's account")
    refused = manager.get(f"/o/demo/customers/{own}/invite")
    assert refused.status == 409
    assert "already uses the portal" in refused.text
    assert f"/o/demo/customers/{own}/invite" not in manager.get(f"/o/demo/customers/{own}").links


def test_the_form_says_that_the_customer_is_unsubscribed(manager: Browser, known: Callable[..., str], today: datetime) -> None:
    own = known("ana")
    organisations.set_unsubscribed("demo", "ana@example.org", unsubscribed=True, now=today)
    assert "no e-mail will leave" in manager.get(f"/o/demo/customers/{own}/invite").text


def test_a_preview_sends_no_email(manager: Browser, known: Callable[..., str]) -> None:
    own = known("ana")
    for path in (MANY, f"/o/demo/customers/{own}/invite"):
        shown = manager.send(manager.get(path), {"subject": "Hello {{customer_name}}", "do": "preview"})
        assert "Hello Ana Martin" in shown.text
    assert jobs.list_jobs("demo", limit=5).items == []


def test_a_long_job_is_shown_page_by_page(manager: Browser, known: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "MOST_AT_ONCE", 2)
    for name in ("ana", "ben", "cleo"):
        known(name)
    done = sent(manager, manager.send(manager.get(MANY), {"whom": "all", "do": "send"}))
    assert [name in done.text for name in ("Ana", "Ben", "Cleo")] == [True, True, False]
    more = next(link for link in done.links if "from=" in link)
    assert "Cleo" in manager.get(more).text
    for odd in ("²", "٣", "9" * 5_000, "1e5", "-1", ""):
        assert "Ana" in manager.get(f"{done.path}?from={quote(odd)}").text
