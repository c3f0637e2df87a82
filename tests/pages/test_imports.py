"""An import on pages, without JavaScript: choose a file, read its issues, correct it, preview the changes, complete it, get the codes."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events.jobs import handle
from chalicelib.operations import contracts, imports, jobs
from chalicelib.rules.contracts import Contract
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.jobs import Job
from infra.local.queues import Poller, Queue
from tests.aws import Demo
from tests.pages.browser import Browser, Page


@pytest.fixture
def contract(demo_org: Demo, bucket: str, today: datetime) -> Contract:
    """A contract with the price STD and the participant Ana."""
    made = contracts.create_contract("demo", ContractInput(name="Acme", client="Acme", prefix="AC"), key="k", now=today)
    price = {"code": "STD", "label": "Standard", "price": {"amount": 1000, "currency": "EUR"}, "tag": "judo"}
    contracts.create_price("demo", made.id, PriceInput.model_validate(price), key="k")
    contracts.add_participant("demo", made.id, ContractParticipantInput(client_id="E-1", name="Ana"), key="k")
    return made


def work() -> None:
    poller = Poller("jobs", Queue(clients.sqs(), config().jobs_queue), handle)
    while poller.handle_batch():
        pass


def upload(browser: Browser, path: str, text: str, **fields: str) -> Page:
    """Submit a file with the page's form, and follow the redirect."""
    form = browser.get(path).form(path)
    response = browser.send_file(path, {**form.fields, **fields}, text.encode())
    return browser.follow(response) if response.status == 303 else response


def test_a_contract_is_filled_by_a_file(manager: Browser, contract: Contract) -> None:
    tab = f"/o/demo/contracts/{contract.id}/imports"
    table = manager.get(f"/o/demo/contracts/{contract.id}/participants.csv").html
    faulty = table.replace("Ana,,,", "Ana,,NONE,") + "E-2,Ben,nothing,,\r\n"
    wrong = upload(manager, tab, faulty)
    assert "This file has 2 issues" in wrong.text
    assert "This contract has no price with this code. Use one of: STD." in wrong.text
    assert "2 Price Code NONE" in wrong.text
    assert "3 Email nothing" in wrong.text
    assert wrong.forms[-1].action.endswith("/imports")
    assert "E-2" not in manager.get(f"/o/demo/contracts/{contract.id}/participants.csv").html
    right = upload(manager, tab, table.replace("Ana,,,", "Ana,,std,") + "E-2,Ben,ben@b.test,STD,\r\n", width="8")
    assert "Ready to import new 1 changed 1 unchanged 0" in right.text
    assert "2 invitation codes of 8 characters will be made" in right.text
    begun = manager.follow(manager.send(right, {}, action=right.path + "/complete"))
    assert "The import is under way" in begun.text
    assert 'http-equiv="refresh"' in begun.html
    work()
    done = manager.get(right.path)
    assert "The import is done" in done.text
    assert "Done: 2 of 2 rows." in done.text
    codes = [line.split(",")[4] for line in manager.get(f"/o/demo/contracts/{contract.id}/participants.csv").html.splitlines()[1:]]
    assert [(len(code), code[:2]) for code in codes] == [(10, "AC"), (10, "AC")]
    assert all(f"AC-{code[2:6]}-{code[6:]}" in done.text for code in codes)
    assert "done" in manager.get(tab).text


def test_customers_are_imported_and_the_same_file_again_has_nothing_to_do(manager: Browser, demo_org: Demo, bucket: str) -> None:
    text = "Name,Email,Participants\nAna,ana@b.test,Kim; Lou\n"
    found = upload(manager, "/o/demo/customers/import", text)
    assert "participants Kim, Lou" in found.text
    manager.send(found, {}, action=found.path + "/complete")
    work()
    assert "ana@b.test" in manager.get("/o/demo/customers").text
    again = upload(manager, "/o/demo/customers/import", text)
    assert "Nothing to import" in again.text
    assert not [form for form in again.forms if form.action.endswith("/complete")]


def test_fields_and_participants_of_a_customer_are_shown_before_they_are_imported(manager: Browser, demo_org: Demo, bucket: str) -> None:
    text = 'Name,Email,Participants,Town\nAna,ana@a.test,"""Smith; John""; Bo",Paris\n'
    page = upload(manager, "/o/demo/customers/import", text)
    assert "Town Paris" in page.text
    assert "participants Smith; John, Bo" in page.text
    manager.send(page, {}, action=page.path + "/complete")
    work()
    assert "nothing" not in manager.get("/o/demo/customers.csv").html
    again = upload(manager, "/o/demo/customers/import", manager.get("/o/demo/customers.csv").html)
    assert "Everything in this file is stored already." in again.text


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "Choose a CSV file first."), ("PK\x03\x04", "This is a workbook"), ("Name\n" * 10_002, "more than 10,000 rows")],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_form(manager: Browser, contract: Contract, text: str, said: str) -> None:
    response = upload(manager, f"/o/demo/contracts/{contract.id}/imports", text)
    assert response.status == 422
    assert said in response.text


def test_too_short_codes_are_refused_at_the_field(manager: Browser, contract: Contract) -> None:
    response = upload(manager, f"/o/demo/contracts/{contract.id}/imports", "Client Id\nE-1\n", width="5")
    assert (response.status, response.described("width")) == (422, "This number is too small.")


def test_a_file_above_4_mb_is_referred_to_the_large_upload(manager: Browser, demo_org: Demo, bucket: str) -> None:
    response = upload(manager, "/o/demo/customers/import", "Name,Email\n" + "x" * 4_300_000)
    assert response.status == 413
    assert "Upload a large file" in response.text


def test_a_large_file_goes_into_the_bucket_and_is_checked_on_the_way_back(manager: Browser, demo_org: Demo, bucket: str) -> None:
    page = manager.get("/o/demo/customers/import/large")
    form = page.forms[-1]
    site = urlsplit(form.action)
    assert f"form-action 'self' {site.scheme}://{site.netloc};" in page.headers["content-security-policy"]
    clients.s3().put_object(Bucket=bucket, Key=form.fields["key"], Body=b"Name,Email\nAna,ana@b.test\n")
    back = manager.get(urlsplit(form.fields["success_action_redirect"]).path + "?bucket=b&key=k&etag=e")
    assert "Your file has arrived" in back.text
    found = manager.follow(manager.send(back, {}, action="/o/demo/customers/import"))
    assert "Ready to import" in found.text


def test_changed_data_stop_the_import_with_a_sentence(manager: Browser, contract: Contract, today: datetime) -> None:
    found = upload(manager, f"/o/demo/contracts/{contract.id}/imports", "Client Id\nE-7\n")
    contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="E-7"), key="7")
    response = manager.send(found, {}, action=found.path + "/complete")
    assert response.status == 409
    assert "What is stored has changed since this file was checked" in response.text


def test_a_viewer_sees_imports_and_starts_none(as_role: Callable[[str], Browser], manager: Browser, contract: Contract) -> None:
    found = upload(manager, f"/o/demo/contracts/{contract.id}/imports", "Client Id\nE-7\n")
    viewer = as_role("viewer")
    assert [form for form in viewer.get(found.path).forms if form.method == "post" and "sign" not in form.action] == []
    assert viewer.post(found.path + "/complete", {}).status == 403
    assert imports.read_import("demo", found.path.rpartition("/")[2]).made.status == "valid"


def test_a_stopped_import_can_be_resumed(manager: Browser, contract: Contract, today: datetime) -> None:
    found = upload(manager, f"/o/demo/contracts/{contract.id}/imports", "Client Id\nE-7\n")
    manager.send(found, {}, action=found.path + "/complete")
    jobs.fail_job("demo", imports.read_import("demo", found.path.rpartition("/")[2]).made.job, now=today)
    stopped = manager.get(found.path)
    assert "The import stopped" in stopped.text
    manager.send(stopped, {}, action=found.path + "/complete")
    work()
    assert "Done: 1 of 1 row." in manager.get(found.path).text


def test_an_import_that_ends_while_its_page_is_made_is_done(manager: Browser, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    found = upload(manager, f"/o/demo/contracts/{contract.id}/imports", "Client Id\nE-7\n")
    manager.send(found, {}, action=found.path + "/complete")
    true_read = jobs.read_job

    def ends(*asked: str) -> Job:
        work()
        return true_read(*asked)

    monkeypatch.setattr(jobs, "read_job", ends)
    assert "The import is done" in manager.get(found.path).text


def test_issues_are_downloaded(manager: Browser, contract: Contract) -> None:
    found = upload(manager, f"/o/demo/contracts/{contract.id}/imports", "Client Id,Email\nE-1,=x\n")
    table = manager.get(found.path + "/issues.csv")
    assert table.html.splitlines()[1].startswith("2,Email,'=x,This is not an e-mail address")


def test_the_page_of_the_job_redirects_to_the_import(manager: Browser, contract: Contract) -> None:
    found = upload(manager, f"/o/demo/contracts/{contract.id}/imports", "Client Id\nE-7\n")
    manager.send(found, {}, action=found.path + "/complete")
    job = imports.read_import("demo", found.path.rpartition("/")[2]).made.job
    assert manager.get(f"/o/demo/jobs/{job}").headers["location"].endswith(found.path)


def test_large_tables_are_fetched_from_the_bucket(manager: Browser, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.operations.downloads.MOST_BYTES", 1)
    response = manager.get(f"/o/demo/contracts/{contract.id}/participants.csv")
    assert response.status == 303
    assert config().imports_bucket in response.headers["location"]
