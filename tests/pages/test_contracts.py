"""Contracts on pages, without JavaScript: create, edit, delete; their prices and participants."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import contracts
from chalicelib.rules.contracts import Contract
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import contracts as tables
from chalicelib.tables import dynamodb
from tests.aws import Demo
from tests.pages.browser import Browser, Page

LIST = "/o/demo/contracts"


@pytest.fixture
def contract(demo_org: Demo, today: datetime) -> Contract:
    draft = ContractInput(name="Acme 2027", client="Acme", prefix="acme")
    return contracts.create_contract("demo", draft, key="acme", now=today)


@pytest.fixture
def path(contract: Contract) -> str:
    return f"{LIST}/{contract.id}"


def filled(browser: Browser, path: str, **typed: str) -> Page:
    return browser.send(browser.get(path), {name.replace("__", "/"): value for name, value in typed.items()})


def test_a_contract_is_made_and_listed_with_its_state(manager: Browser, demo_org: Demo) -> None:
    assert "No contract yet." in manager.get(LIST).text
    made = manager.follow(filled(manager, f"{LIST}/new", name="Acme", client="Acme GmbH", prefix="acme", ends_on="2020-12-31"))
    assert "Contract created." in made.text
    assert "No price yet." in made.text
    listed = manager.get(LIST).text
    for said in ("Acme GmbH", "until Thu 31 Dec 2020", "Ended", "Codes begin with ACME"):
        assert said in listed


def test_each_fault_is_shown_at_its_field_and_the_form_keeps_its_values(manager: Browser, contract: Contract) -> None:
    wrong = filled(manager, f"{LIST}/new", name="", client="X", prefix="ä", starts_on="x")
    assert wrong.status == 422
    assert {name: wrong.described(name) != "" for name in ("name", "client", "prefix", "starts_on")} == {
        "name": True,
        "client": False,
        "prefix": True,
        "starts_on": True,
    }
    assert wrong.form().fields["client"] == "X"
    taken = filled(manager, f"{LIST}/new", name="Other", client="X", prefix="Acme")
    assert taken.status == 409
    assert "Another contract has this prefix." in taken.described("prefix")


def test_a_contract_is_edited_and_deactivated(manager: Browser, contract: Contract, path: str) -> None:
    form = manager.get(f"{path}/edit").form()
    assert (form.fields["prefix"], form.fields["active"]) == ("ACME", "true")
    fields = {name: value for name, value in form.fields.items() if name != "active"}
    edited = manager.post(f"{path}/edit", {**fields, "name": "Acme 2028"})
    assert "Not active" in manager.follow(edited).text
    read = contracts.read_contract("demo", contract.id)
    assert (read.name, read.active, read.prefix) == ("Acme 2028", False, "ACME")
    late = manager.post(f"{path}/edit", fields)
    assert (late.status, contracts.read_contract("demo", contract.id)) == (412, read)


def test_deleting_a_contract_asks_first_and_is_refused_once_it_has_codes(manager: Browser, contract: Contract, path: str) -> None:
    question = manager.get(f"{path}/delete")
    assert "with its prices and participants" in question.text
    dynamodb.transact([tables.codes_write(contract)])
    refused = manager.send(question, {})
    assert refused.status == 409
    assert "Deactivate it instead" in refused.text
    other = contracts.create_contract("demo", ContractInput(name="B", client="B"), key="b", now=contract.created_at)
    assert "The contract is deleted" in manager.follow(filled(manager, f"{LIST}/{other.id}/delete")).text
    assert manager.get(f"{LIST}/{other.id}").status == 404


def test_prices_link_to_their_sessions(manager: Browser, path: str, make_session: Callable[..., Session]) -> None:
    session = make_session(title="Yoga", tags=["Health"])
    make_session(title="Judo")
    filled(manager, f"{path}/prices/new", label="One", code="ONE", price__amount="12,50", session=session.id)
    page = manager.follow(filled(manager, f"{path}/prices/new", label="Any", code="ANY", price__amount="0", tag="health"))
    assert "Price added." in page.text
    for said in ("Yoga", "€12.50", "Every session tagged “health”"):
        assert said in page.text
    assert f"/p/demo/sessions/{session.id}" in page.links
    product = manager.get("/p/demo?tag=health")
    assert "/p/demo?tag=health" in page.links
    assert "Yoga" in product.text
    assert "Judo" not in product.text
    assert manager.get("/p/demo?tag=none").status == 200


def test_a_price_that_does_not_fit_says_why(manager: Browser, path: str, session: Session) -> None:
    wrong = filled(manager, f"{path}/prices/new", label="", code="ONE", price__amount="twelve", session=session.id, tag="x")
    assert wrong.status == 422
    assert {name for name in ("label", "price/amount", "tag") if wrong.described(name)} == {"label", "price/amount", "tag"}
    filled(manager, f"{path}/prices/new", label="One", code="ONE", price__amount="1", session=session.id)
    taken = filled(manager, f"{path}/prices/new", label="Two", code="one", price__amount="1", tag="x")
    assert "Another price of this contract" in taken.described("code")


def test_a_price_is_edited_and_deleted(manager: Browser, contract: Contract, path: str, session: Session) -> None:
    draft = PriceInput.model_validate({"code": "A", "label": "A", "price": {"amount": 1250, "currency": "EUR"}, "session": session.id})
    price = contracts.create_price("demo", contract.id, draft, key="a")
    own = f"{path}/prices/{price.id}"
    assert manager.get(own).form().fields["price/amount"] == "12.50"
    manager.follow(filled(manager, own, price__amount="9", session="", tag="health"))
    (edited,) = contracts.list_prices("demo", contract.id)
    assert (edited.price.amount, edited.session, edited.tag) == (900, "", "health")
    assert "Codes that were issued keep their price" in manager.get(f"{own}/delete").text
    assert "The price is deleted" in manager.follow(filled(manager, f"{own}/delete")).text
    assert contracts.list_prices("demo", contract.id) == []


def test_a_participant_is_added_with_details_and_found(manager: Browser, contract: Contract, path: str) -> None:
    new = manager.get(f"{path}/participants/new")
    more = manager.send(new, {"name": "Ana Díaz", "details/0/name": "Team", "details/0/value": "Sales", "more": "details"})
    fields = {"client_id": "C-1", "details/1/name": "Age", "details/1/value": "40", "details/0/shareable": "true"}
    page = manager.follow(manager.send(more, fields))
    assert "Ana Díaz" in page.text
    (ana,) = contracts.list_participants("demo", contract.id, q="", limit=9).items
    assert (ana.details, ana.shareable) == ((("Team", "Sales"), ("Age", "40")), ("Team",))
    assert "Ana Díaz" in manager.get(f"{path}/participants?q=c-1").text
    assert "Nobody here matches." in manager.get(f"{path}/participants?q=zoe").text
    own = f"{path}/participants/{ana.id}"
    manager.follow(filled(manager, own, name="Ana", details__1__name="", details__1__value=""))
    edited = contracts.read_participant("demo", contract.id, ana.id)
    assert (edited.name, edited.details, edited.shareable) == ("Ana", (("Team", "Sales"),), ("Team",))


def test_a_fault_of_a_participant_is_shown_at_its_field(manager: Browser, contract: Contract, path: str) -> None:
    new = f"{path}/participants/new"
    wrong = filled(manager, new, email="ana", details__0__name="Team", details__0__value="x" * 501, details__1__value="40")
    assert {name for name in ("email", "details/0/name", "details/1/name") if wrong.described(name)} == {
        "email",
        "details/0/name",
        "details/1/name",
    }
    assert wrong.form().fields["details/1/value"] == "40"
    assert "by their client id" in filled(manager, new, name="Ana").described("client_id")
    twice = {"details__0__name": "Team", "details__1__name": "Team", "details__0__value": "1", "details__1__value": "2"}
    assert "the same name" in filled(manager, new, client_id="C-1", **twice).described("details/0/name")
    added = contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="C-1"), key="a")
    taken = filled(manager, new, client_id="c-1")
    assert taken.status == 409
    assert f"{path}/participants/{added.id}" in taken.links


def test_a_participant_with_codes_cannot_be_deleted(manager: Browser, contract: Contract, path: str) -> None:
    added = contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="C-1"), key="a")
    own = f"{path}/participants/{added.id}/delete"
    dynamodb.transact([tables.assign_write(added, "ACMEABC")])
    refused = filled(manager, own)
    assert refused.status == 409
    assert "ACMEABC" in refused.text
    dynamodb.transact([tables.unassign_write(contracts.read_participant("demo", contract.id, added.id), "ACMEABC")])
    assert "Participant deleted." in manager.follow(filled(manager, own)).text


def test_a_viewer_can_change_nothing(as_role: Callable[[str], Browser], contract: Contract, path: str) -> None:
    added = contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="C-1"), key="a")
    viewer = as_role("viewer")
    for shown in (LIST, path, f"{path}/participants", f"{path}/participants/{added.id}"):
        page = viewer.get(shown)
        assert page.status == 200
        assert not [link for link in page.links if link.endswith(("/new", "/edit", "/delete"))]
        assert "Save" not in page.text
