"""The headings of CSV files: written in a language, and read in each of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from chalicelib.languages import SUPPORTED
from chalicelib.operations import contracts, customers, imports, organisations
from chalicelib.operations.headings import headings
from chalicelib.rules.contracts import Contract
from chalicelib.rules.inputs import contracts as participant_columns
from chalicelib.rules.inputs import customers as customer_columns
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput
from chalicelib.rules.inputs.customers import CustomerInput

Check = Callable[..., imports.ImportView]


@pytest.fixture
def contract(bucket: str, now: datetime) -> Contract:
    organisations.create("demo", "Demo", now=now)
    return contracts.create_contract("demo", ContractInput(name="Acme", client="Acme", prefix="AC"), key="k", now=now)


@pytest.fixture
def check(contract: Contract, now: datetime) -> Check:
    def checked(text: str, kind: Any) -> imports.ImportView:
        of = contract.id if kind == "participants" else ""
        return imports.check_file("demo", text.encode(), kind=kind, contract=of, by="owner", key=text, now=now)

    return checked


@pytest.mark.parametrize("columns", [customer_columns.COLUMNS, participant_columns.COLUMNS])
@pytest.mark.parametrize("locale", SUPPORTED)
def test_each_column_has_a_heading_of_its_own(columns: tuple[str, ...], locale: str) -> None:
    assert len(set(headings(columns, locale))) == len(columns)


@pytest.mark.parametrize("locale", SUPPORTED)
@pytest.mark.parametrize("field", ["Level", "Téléphone", "telefon", "Groupes"])
def test_a_list_of_customers_is_imported_again_in_every_language(locale: str, field: str, check: Check, now: datetime) -> None:
    """Also with a field that is called as a column is called in some language."""
    draft = {"name": "Ana", "email": "ana@example.org", "phone": "+33 1", "participants": [{"name": "Zoé"}], "fields": {field: "x"}}
    customers.create_customer("demo", CustomerInput.model_validate(draft), by="owner", key="ana", now=now)
    view = check(customers.export_customers("demo", locale=locale, by="m", now=now).text, "customers")
    assert (view.issues, view.todo, view.made.changes["unchanged"]) == ([], [], 1)


@pytest.mark.parametrize("locale", SUPPORTED)
def test_a_list_of_participants_is_imported_again_in_every_language(locale: str, contract: Contract, check: Check, now: datetime) -> None:
    draft = {"client_id": "E-1", "name": "Ana", "email": "ana@example.org", "details": {"Nom": "x"}}
    contracts.add_participant("demo", contract.id, ContractParticipantInput.model_validate(draft), key="ana")
    view = check(imports.export_participants("demo", contract.id, locale=locale, now=now), "participants")
    assert (view.issues, view.todo, view.made.changes["unchanged"]) == ([], [], 1)


def test_a_file_in_another_language_adds_customers_and_names_its_own_columns_in_issues(check: Check) -> None:
    view = check("Nom;E-mail;Téléphone\nAna;ana@example.org;+33 1\n", "customers")
    assert [change.values["phone"] for change in view.todo] == ["+33 1"]
    wrong = check("Name;E-Mail\nAna;nobody\n", "customers")
    assert [(issue.column, issue.value) for issue in wrong.issues] == [("E-Mail", "nobody")]
