"""Codes on the pages of a contract, without JavaScript: generate, find, edit, delete, return."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.events.jobs import WORK
from chalicelib.operations import codes, contracts, exports, jobs, registrations
from chalicelib.operations.codes import IssuedBatch
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice
from chalicelib.rules.inputs.codes import BatchInput
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.inputs.registrations import ParticipantInput as Named
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes as tables
from tests.aws import Demo
from tests.pages.browser import Browser, Page


@pytest.fixture
def contract(demo_org: Demo, today: datetime) -> Contract:
    return contracts.create_contract("demo", ContractInput(name="Acme 2027", client="Acme", prefix="acme"), key="acme", now=today)


@pytest.fixture
def price(contract: Contract, session: Session) -> ContractPrice:
    draft = {"code": "STAFF", "label": "Staff", "price": {"amount": 500, "currency": "EUR"}, "session": session.id}
    return contracts.create_price("demo", contract.id, PriceInput.model_validate(draft), key="staff")


@pytest.fixture
def ana(contract: Contract) -> ContractParticipant:
    return contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="C-1", name="Ana Díaz"), key="ana")


@pytest.fixture
def path(contract: Contract) -> str:
    return f"/o/demo/contracts/{contract.id}"


@pytest.fixture
def generated(price: ContractPrice, today: datetime) -> Callable[..., IssuedBatch]:
    """Return `generated(3)`, which generates a batch of three codes."""

    def make(quantity: int, **more: Any) -> IssuedBatch:
        draft = BatchInput(**{"quantity": quantity, "width": 8, "price": price.id, **more})
        return codes.generate_codes("demo", price.contract, draft, by="m", key=f"{quantity}{more}", now=today)

    return make


@pytest.fixture
def code(generated: Callable[..., IssuedBatch]) -> str:
    return generated(1).codes[0].code


def booked(session: Session, code: str, now: datetime) -> Registration:
    draft = RegistrationInput(email="kim@example.org", name="Kim", participants=[Named(name="Kim")], invitation_code=code)
    return codes.book("demo", session.id, draft, locale="en", key=code, source="192.0.2.1", now=now)[0]


def test_an_empty_list_says_what_to_do_first(manager: Browser, path: str, contract: Contract) -> None:
    page = manager.get(f"{path}/codes")
    assert "Codes are made at a price: add one first." in page.text
    assert f"{path}/prices/new" in page.links
    assert f"{path}/prices/new" in manager.get(f"{path}/batches/new").links


def test_a_small_batch_lists_its_codes(manager: Browser, path: str, price: ContractPrice) -> None:
    assert f"{path}/batches/new" in manager.get(f"{path}/codes").links
    form = manager.get(f"{path}/batches/new")
    assert "Use at least 8: a shorter code is easier to guess" in form.text
    made = manager.send(form, {"quantity": "5", "width": "6", "note": "Reception desk", "expires_on": "2040-03-31"})
    assert manager.send(form, {**form.form().fields, "quantity": "5", "width": "6", "note": "Reception desk", "expires_on": "2040-03-31"})
    page = manager.follow(made)
    for words in ("Codes created.", "5 codes", "easier to guess", "Reception desk", "Sat 31 Mar 2040", "manager@demo.test"):
        assert words in page.text
    shown = page.html.partition("<textarea")[2].partition("</textarea>")[0].split()[-5:]
    assert len({*shown}) == 5
    assert all(one.startswith("ACME-") for one in shown)
    (view,) = codes.list_batches("demo", price.contract)
    assert view.batch.expires_at == datetime(2040, 3, 31, 22, tzinfo=UTC)
    listed = manager.get(f"{path}/codes").text
    for words in ("5 made", "0 handed out", "Reception desk", shown[0], "0 of 1"):
        assert words in listed
    csv = manager.get(f"{path}/batches/{view.batch.id}/codes.csv")
    assert len(csv.html.split()) > 5
    assert csv.headers["content-disposition"] == 'attachment; filename="codes.csv"'
    assert manager.get(f"{path}/codes.csv").html.count("STAFF") == 5


def test_a_long_download_is_made_first_and_the_page_says_how_far(
    manager: Browser, path: str, generated: Callable[..., IssuedBatch], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = generated(5).batch.id
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    page = manager.follow(manager.get(f"{path}/batches/{own}/codes.csv"))
    for words in ("Making your file", "0 of 5 rows written", "You can close this page"):
        assert words in page.text
    job = page.path.rpartition("/")[2]
    for _ in range(3):
        jobs.run_step("demo", job, WORK, now=datetime.now(UTC))
    ready = manager.get(f"/o/demo/jobs/{job}")
    assert "Your file is ready" in ready.text
    assert f"{path}/batches/{own}/codes.csv" in ready.links
    assert ".amazonaws.com/demo/downloads/" in manager.get(f"{path}/batches/{own}/codes.csv").headers["location"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"quantity": "0"}, "quantity", ""),
        ({"width": "5"}, "width", ""),
        ({"width": "21"}, "width", ""),
        ({"quantity": "9000000", "width": "6"}, "width", "With 6 characters at most 8875036 codes"),
        ({"expires_on": "2020-01-01"}, "expires_on", "That day is over."),
        ({"expires_on": "soon"}, "expires_on", "Choose a date."),
        ({"max_redemptions": "1001"}, "max_redemptions", ""),
        ({"price": ""}, "price", ""),
        ({"price": "gone"}, "price", "This contract has no such price."),
    ],
)
def test_a_fault_is_shown_at_its_field(
    typed: dict[str, str], field: str, words: str, manager: Browser, path: str, price: ContractPrice
) -> None:
    response = manager.send(manager.get(f"{path}/batches/new"), {"note": "Kept", **typed})
    assert response.status == 422
    assert response.described(field)
    assert words in response.described(field)
    assert response.form().fields["note"] == "Kept"
    assert codes.list_batches("demo", price.contract) == []


def test_many_codes_are_a_job_with_a_page_of_its_own(manager: Browser, path: str, price: ContractPrice) -> None:
    response = manager.send(manager.get(f"{path}/batches/new"), {"quantity": "1001"})
    page = manager.follow(response)
    for words in ("1,001 codes", "Queued", "0 of 1,001 codes made", "You can close this page"):
        assert words in page.text
    assert 'http-equiv="refresh"' in page.html
    (view,) = codes.list_batches("demo", price.contract)
    assert "being made: 0 of 1,001" in manager.get(f"{path}/codes").text
    batch = manager.get(f"{path}/batches/{view.batch.id}")
    assert "They are still being made" in batch.text
    assert f"/o/demo/jobs/{view.batch.job}" in batch.links


def test_a_code_is_found_in_any_spelling(manager: Browser, path: str, code: str) -> None:
    for typed in (code.lower(), f"acme {code[4:8]}-{code[8:]}", code[4:].lower()):
        found = manager.get(f"{path}/codes?q={typed.replace(' ', '%20')}")
        assert found.headers["location"] == f"{path}/codes/{code}"
    assert "No code of this contract is written like" in manager.get(f"{path}/codes?q=ACMEXXXX").text


def test_the_list_is_filtered_and_goes_on(manager: Browser, path: str, generated: Callable[..., IssuedBatch], session: Session) -> None:
    made = generated(60).codes
    first = manager.get(f"{path}/codes")
    (following,) = [link for link in first.links if "cursor=" in link]
    shown = {code.code for code in made if f"/codes/{code.code}" in first.html}
    rest = {code.code for code in made if f"/codes/{code.code}" in manager.get(following).html}
    assert (len(shown), len(rest), shown & rest) == (50, 10, set())
    assert manager.get(following[:-3] + "abc").status == 400
    booked(session, made[0].code, datetime.now(UTC))
    spent = manager.get(f"{path}/codes?state=spent")
    assert [code.code for code in made if f"/codes/{code.code}" in spent.html] == [made[0].code]
    assert "No matching code." in manager.get(f"{path}/codes?state=archived").text
    assert manager.get(f"{path}/codes?state=nonsense").status == 200


def test_a_code_shows_its_session_and_price_and_is_edited(
    manager: Browser, path: str, code: str, session: Session, price: ContractPrice
) -> None:
    own = f"{path}/codes/{code}"
    page = manager.get(own)
    for words in ("Not handed out", "Staff, €5.00", "0 of 1", "Nobody yet."):
        assert words in page.text
    assert f"/p/demo/sessions/{session.id}" in page.links
    draft = {"code": "VIP", "label": "Guests", "price": {"amount": 0, "currency": "EUR"}, "tag": "health"}
    other = contracts.create_price("demo", price.contract, PriceInput.model_validate(draft), key="vip")
    form = manager.get(f"{own}/edit")
    edited = manager.send(form, {"note": "For Bo", "price": other.id, "expires_on": "2040-03-31", "handed_out": "true"})
    page = manager.follow(edited)
    for words in ("Saved.", "Handed out", "Guests, €0.00", "Sat 31 Mar 2040", "For Bo"):
        assert words in page.text
    assert "/p/demo?tag=health" in page.links
    assert manager.send(form, {"note": "Late"}).status == 412
    again = manager.get(f"{own}/edit")
    cleared = {name: value for name, value in again.form().fields.items() if name != "handed_out"} | {"note": "", "expires_on": ""}
    manager.post(f"{own}/edit", cleared)
    read = tables.get("demo", code)
    assert (read.note, read.expires_at, read.handed_out, read.price.code) == ("", None, False, "VIP")


def test_an_expiry_within_a_day_survives_an_edit(manager: Browser, path: str, generated: Callable[..., IssuedBatch]) -> None:
    ends = datetime(2040, 3, 31, 10, 30, tzinfo=UTC)
    own = f"{path}/codes/{generated(1, expires_at=ends).codes[0].code}"
    assert "Sat 31 Mar 2040, 12:30" in manager.get(own).text
    manager.send(manager.get(f"{own}/edit"), {"note": "x"})
    assert tables.get("demo", own.rpartition("/")[2]).expires_at == ends


def test_an_unused_code_is_deleted_after_a_question(manager: Browser, path: str, code: str) -> None:
    question = manager.get(f"{path}/codes/{code}/delete")
    assert "it is deleted for good. This code is never issued again" in question.text
    assert "Code deleted" in manager.follow(manager.send(question, {})).text
    assert manager.get(f"{path}/codes/{code}").status == 404


def test_a_used_code_names_who_used_it_keeps_its_price_and_is_archived(
    manager: Browser, path: str, code: str, session: Session, today: datetime, price: ContractPrice
) -> None:
    registration = booked(session, code, today)
    own = f"{path}/codes/{code}"
    page = manager.get(own)
    assert "Used" in page.text
    assert f"/o/demo/registrations/{session.id}-{registration.id}" in page.links
    assert "price" not in manager.get(f"{own}/edit").form().fields
    draft = {"code": "VIP", "label": "V", "price": {"amount": 1, "currency": "EUR"}, "tag": "x"}
    other = contracts.create_price("demo", price.contract, PriceInput.model_validate(draft), key="vip")
    assert manager.send(manager.get(f"{own}/edit"), {"price": other.id}).status == 409
    question = manager.get(f"{own}/delete")
    assert "so it is archived" in question.text
    assert "Code archived." in manager.follow(manager.send(question, {})).text
    assert "nobody can book with it any more" in manager.get(own).text


def test_a_use_is_returned_once_its_booking_is_off_the_roster(
    manager: Browser, path: str, code: str, session: Session, today: datetime
) -> None:
    registration = booked(session, code, today)
    question = manager.get(f"{path}/codes/{code}/return")
    refused = manager.send(question, {})
    assert refused.status == 409
    assert "remove the registration first" in refused.text
    registrations.remove_registration("demo", f"{session.id}-{registration.id}", by="m", now=today + timedelta(seconds=1))
    assert "removed, use not returned" in manager.get(f"{path}/codes/{code}").text
    assert "are available again" in manager.follow(manager.send(question, {})).text
    assert tables.get("demo", code).left == 1


def test_one_participant_gets_a_code(manager: Browser, path: str, price: ContractPrice, ana: ContractParticipant) -> None:
    own = f"{path}/participants/{ana.id}"
    assert f"{own}/code" in manager.get(f"{path}/participants").links
    assert f"{own}/code" in manager.get(own).links
    form = manager.get(f"{own}/code")
    assert manager.send(form, {"width": "5"}).described("width")
    page = manager.follow(manager.send(form, {"width": "9", "note": "Hers"}))
    for words in ("Code created.", "ACME-", "Ana Díaz", "Staff, €5.00", "Hers"):
        assert words in page.text
    (made,) = contracts.read_participant("demo", price.contract, ana.id).codes
    assert len(made) == len("ACME") + 9
    assert f"{path}/codes/{made}" in manager.get(own).links
    assert "Ana Díaz" in manager.get(f"{path}/codes").text
    assert "handed_out" not in manager.get(f"{path}/codes/{made}/edit").form().fields


def test_the_roster_says_which_code_was_used(manager: Browser, path: str, code: str, session: Session, today: datetime) -> None:
    registration = booked(session, code, today)
    for address in (f"/o/demo/sessions/{session.id}", f"/o/demo/registrations/{session.id}-{registration.id}"):
        assert f"{path}/codes/{code}" in manager.get(address).links
    header, row = manager.get(f"/o/demo/sessions/{session.id}/roster.csv").html.splitlines()[:2]
    assert row.split(",")[header.split(",").index("Invitation Code")] == code


def test_a_viewer_can_change_nothing(as_role: Callable[[str], Browser], path: str, code: str, generated: Any) -> None:
    viewer = as_role("viewer")
    batch = f"{path}/batches/{generated(1).batch.id}"
    for shown in (f"{path}/codes", f"{path}/codes/{code}", batch):
        page: Page = viewer.get(shown)
        assert page.status == 200
        assert not [link for link in page.links if link.endswith(("/new", "/edit", "/delete", "/return"))]
    assert viewer.get(f"{path}/codes.csv").status == 200


def test_a_code_of_another_contract_is_not_found(manager: Browser, path: str, code: str, today: datetime) -> None:
    other = contracts.create_contract("demo", ContractInput(name="B", client="B", prefix="b"), key="b", now=today)
    assert manager.get(f"/o/demo/contracts/{other.id}/codes/{code}").status == 404
    assert "is written like" in manager.get(f"/o/demo/contracts/{other.id}/codes?q={code}").text
