"""Rows about participants of a contract: what each asks for, and what is wrong with it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.rules.codes import Code, CodePrice
from chalicelib.rules.contracts import Contract, ContractParticipant, Price
from chalicelib.rules.imports import participants as rules
from chalicelib.rules.imports.imports import Change
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.imports.reading import read
from chalicelib.rules.money import Money

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CONTRACT = Contract("demo", "c", "Acme", "Acme", "AC", None, None, True, "client_id", NOW)
STANDARD = Price("demo", "c", "p1", "STD", "Standard", Money(1000, "EUR"), tag="judo", version=3)
SENIOR = replace(STANDARD, id="p2", code="SEN", version=1)
CODE = Code("demo", "ACXYZ234", "c", CodePrice.of(STANDARD), NOW, left=0, participant="a")
ANA = ContractParticipant("demo", "c", "a", "E-1", "Ana", "ana@example.org", (("Team", "Red"),), codes=("ACXYZ234",), version=5)
KNOWN = rules.known(CONTRACT, [STANDARD, SENIOR], [ANA], [CODE])


def held(text: str, stored: rules.Known = KNOWN) -> tuple[list[Change], list[Issue]]:
    wanted, issues = rules.check(read(text.encode()), stored.contract.identifier)
    found = [rules.held(row, stored) for row in wanted]
    return [change for change, _ in found], issues + [issue for _, more in found for issue in more]


def values(text: str) -> dict[str, Any]:
    (change,), issues = held(text)
    assert issues == []
    return change.values


def said(text: str) -> list[tuple[int, str, str, str]]:
    return [(issue.row, issue.column, issue.value, issue.code) for issue in held(text)[1]]


def test_what_is_stored_already_is_unchanged_however_it_is_written() -> None:
    (change,), issues = held("client id;NAME;Email;price code;invitation code;TEAM\ne-1;Ana;ana@example.org;std;ac-xyz2 34;Red\n")
    assert (change.doing, change.thing, change.version, change.values, issues) == ("unchanged", "a", 5, {}, [])


def test_an_empty_cell_changes_nothing() -> None:
    assert values("Client Id,Name,Email,Price Code,Invitation Code,Team\nE-1,,,,,\n") == {}


def test_what_differs_is_changed_and_nothing_else() -> None:
    assert values("Client Id,Name,Team,Shoe\nE-1,Ana B.,Red,7\n") == {"name": "Ana B.", "details": [["Shoe", "7"]]}
    assert rules.with_values(ANA, {"details": [["team", "Blue"], ["Shoe", "7"]]}).details == (("Team", "Blue"), ("Shoe", "7"))


def test_a_price_code_asks_for_one_code_at_that_price() -> None:
    assert values("Client Id,Price Code\nE-1,sen\n") == {"price": "p2", "price_code": "SEN", "price_version": 1}
    assert values("Client Id,Price Code\nE-2,STD\n")["price"] == "p1"


def test_a_spent_code_counts_and_an_archived_one_does_not() -> None:
    archived = rules.known(CONTRACT, [STANDARD], [ANA], [replace(CODE, archived_at=NOW)])
    text = "Client Id,Price Code\nE-1,STD\n"
    assert (held(text)[0][0].doing, held(text, archived)[0][0].doing) == ("unchanged", "update")


def test_two_faults_in_three_rows_are_two_issues() -> None:
    assert said("Client Id,Email,Price Code\nE-1,x,STD\nE-2,,NONE\nE-3,,STD\n") == [
        (2, "Email", "x", "not_an_address"),
        (3, "Price Code", "NONE", "unknown_price_code"),
    ]


def test_what_is_wrong_with_a_row_is_said_all_at_once() -> None:
    assert said("Client Id,Email,Price Code,Invitation Code\nE-3,x,NONE,XYZ\n") == [
        (2, "Email", "x", "not_an_address"),
        (2, "Price Code", "NONE", "unknown_price_code"),
        (2, "Invitation Code", "XYZ", "other_code"),
    ]


def test_codes_are_not_written_in() -> None:
    assert said("Client Id,Invitation Code\nE-1,ACXYZ235\nE-9,ACXYZ234\n") == [
        (2, "Invitation Code", "ACXYZ235", "other_code"),
        (3, "Invitation Code", "ACXYZ234", "other_code"),
    ]


def test_each_participant_comes_once_and_has_an_identifier() -> None:
    assert said("Client Id,Name\nE-7,Ana\n,Ben\ne-7,Cem\n") == [
        (3, "Client Id", "", "missing"),
        (4, "Client Id", "e-7", "duplicate_row"),
    ]


def test_the_contract_says_which_column_is_needed() -> None:
    by_address = rules.known(replace(CONTRACT, identifier="email"), [], [ANA], [])
    assert [issue.column for issue in held("Client Id,Name\nE-1,Ana\n", by_address)[1]] == ["Email"]
    (change,), _ = held("Email,Name\nANA@example.org,Ana B.\n", by_address)
    assert (change.thing, change.values) == ("a", {"name": "Ana B."})


def test_headers_of_details_are_checked_and_told_apart() -> None:
    assert said("Client Id,Shoe\u202e,Team,TEAM\nE-1,1,2,3\n") == [
        (1, "TEAM", "TEAM", "duplicate_column"),
        (1, "Shoe\u202e", "Shoe\u202e", "control_characters"),
    ]
    assert {code for _, _, _, code in said("Client Id," + ",".join(f"d{n}" for n in range(41)) + "\nE-1,1\n")} == {"too_many_details"}


def test_a_cell_of_more_than_two_thousand_characters_is_an_issue_of_its_row() -> None:
    assert [(row, code) for row, _, _, code in said(f"Client Id,Note\nE-1,x\nE-2,{'x' * 2001}\n")] == [(3, "cell_too_long")]
