"""Rows of a participant file: the changes and the issues of each."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.rules.codes import Code, CodePrice
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice, Identifier
from chalicelib.rules.imports import participants as rules
from chalicelib.rules.imports.csv_reader import read
from chalicelib.rules.imports.imports import RowChange
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.money import Money

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CONTRACT = Contract("demo", "c", "Acme", "Acme", "AC", None, None, True, "client_id", NOW)
STANDARD = ContractPrice("demo", "c", "p1", "STD", "Standard", Money(1000, "EUR"), tag="judo", version=3)
SENIOR = replace(STANDARD, id="p2", code="SEN", version=1)
CODE = Code("demo", "ACXYZ234", "c", CodePrice.of(STANDARD), NOW, left=0, participant="a")
ANA = ContractParticipant("demo", "c", "a", "E-1", "Ana", "ana@example.org", (("Team", "Red"),), codes=("ACXYZ234",), version=5)
KNOWN = rules.indexed(CONTRACT, [STANDARD, SENIOR], [ANA], [CODE])


def held(text: str, stored: rules.StoredParticipants = KNOWN) -> tuple[list[RowChange], list[Issue]]:
    wanted, issues = rules.check(read(text.encode()), stored.contract.identifier)
    found = [rules.compare(row, stored) for row in wanted]
    return [change for change, _ in found], issues + [issue for _, more in found for issue in more]


def values(text: str) -> dict[str, Any]:
    (change,), issues = held(text)
    assert issues == []
    return change.values


def said(text: str) -> list[tuple[int, str, str, str]]:
    return [(issue.row, issue.column, issue.value, issue.code) for issue in held(text)[1]]


def test_stored_values_are_unchanged_in_any_spelling() -> None:
    (change,), issues = held("client id;NAME;Email;price code;invitation code;TEAM\ne-1;Ana;ana@example.org;std;ac-xyz2 34;Red\n")
    assert (change.action, change.id, change.version, change.values, issues) == ("unchanged", "a", 5, {}, [])


def test_an_empty_cell_changes_nothing() -> None:
    assert values("Client Id,Name,Email,Price Code,Invitation Code,Team\nE-1,,,,,\n") == {}


def test_what_differs_is_changed_and_nothing_else() -> None:
    assert values("Client Id,Name,Team,Shoe\nE-1,Ana B.,Red,7\n") == {"name": "Ana B.", "details": [["Shoe", "7"]]}
    assert rules.with_values(ANA, {"details": [["team", "Blue"], ["Shoe", "7"]]}).details == (("Team", "Blue"), ("Shoe", "7"))


def test_a_price_code_asks_for_one_code_at_that_price() -> None:
    assert values("Client Id,Price Code\nE-1,sen\n") == {"price": "p2", "price_code": "SEN", "price_version": 1}
    assert values("Client Id,Price Code\nE-2,STD\n")["price"] == "p1"


def test_a_spent_code_counts_and_an_archived_one_does_not() -> None:
    archived = rules.indexed(CONTRACT, [STANDARD], [ANA], [replace(CODE, archived_at=NOW)])
    text = "Client Id,Price Code\nE-1,STD\n"
    assert (held(text)[0][0].action, held(text, archived)[0][0].action) == ("unchanged", "update")


def test_two_faults_in_three_rows_are_two_issues() -> None:
    assert said("Client Id,Email,Price Code\nE-1,x,STD\nE-2,,NONE\nE-3,,STD\n") == [
        (2, "Email", "x", "not_an_address"),
        (3, "Price Code", "NONE", "unknown_price_code"),
    ]


def test_all_issues_of_a_row_are_reported_at_once() -> None:
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
    by_address = rules.indexed(replace(CONTRACT, identifier="email"), [], [ANA], [])
    assert [issue.column for issue in held("Client Id,Name\nE-1,Ana\n", by_address)[1]] == ["Email"]
    (change,), _ = held("Email,Name\nANA@example.org,Ana B.\n", by_address)
    assert (change.id, change.values) == ("a", {"name": "Ana B."})


def test_headers_of_details_are_checked_and_told_apart() -> None:
    assert said("Client Id,Shoe\u202e,Team,TEAM\nE-1,1,2,3\n") == [
        (1, "TEAM", "TEAM", "duplicate_column"),
        (1, "Shoe\u202e", "Shoe\u202e", "control_characters"),
    ]


def test_a_participant_has_forty_details_and_a_file_more_columns() -> None:
    header = "Client Id," + ",".join(f"d{n}" for n in range(41)) + "\n"
    assert said(header + "E-1,1\nE-2,1\n") == []
    assert {code for _, _, _, code in said(header + "E-2" + ",1" * 41 + "\n")} == {"too_many_details"}
    assert {code for _, _, _, code in said(header + "E-1" + ",1" * 40 + "\n")} == {"too_many_details"}


ZEROS = replace(ANA, id="z", client_id="00123", name="Zoë", email="zoe@example.org", codes=())


@pytest.mark.parametrize(
    ("identifier", "row", "code"),
    [
        ("client_id", "123,Other,other@example.org", "looks_known"),
        ("client_id", "1.23E+02,Other,", "shortened_number"),
        ("client_id", "E-9,zoë,ZOE@example.org", "looks_known"),
        ("client_id", "E-9,Her brother,zoe@example.org", ""),
        ("client_id", "1230,Other,other@example.org", ""),
        ("email", "00123,Zoë,zoe.new@example.org", "looks_known"),
        ("email", ",Zoë,zoe.new@example.org", ""),
    ],
)
def test_a_row_that_would_duplicate_a_participant_is_an_issue(identifier: Identifier, row: str, code: str) -> None:
    stored = rules.indexed(replace(CONTRACT, identifier=identifier), [STANDARD], [ZEROS], [])
    _, issues = held(f"Client Id,Name,Email\n{row}\n", stored)
    assert [issue.code for issue in issues] == ([code] if code else [])


def test_a_byte_that_is_not_utf_8_is_an_issue_of_its_cell() -> None:
    wanted, issues = rules.check(read("Client Id,Name\nE-1,Zoë Müller\n".encode() + b"E-2,Ren\xe9\n"), "client_id")
    assert [row.fields.get("name") for row in wanted] == ["Zoë Müller", None]
    assert [(issue.row, issue.column, issue.value, issue.code) for issue in issues] == [(3, "Name", "Ren\ufffd", "not_unicode")]


def test_a_file_in_windows_1252_is_read_as_such() -> None:
    wanted, issues = rules.check(read("Client Id,Name\nE-1,Zoë Müller\nE-2,René\n".encode("cp1252")), "client_id")
    assert ([row.fields["name"] for row in wanted], issues) == (["Zoë Müller", "René"], [])


def test_a_line_break_in_a_cell_is_a_space() -> None:
    assert values('Client Id,Name\nE-2,"Ana\r\nMaria"\n')["name"] == "Ana Maria"


def test_a_cell_of_more_than_two_thousand_characters_is_an_issue_of_its_row() -> None:
    assert [(row, code) for row, _, _, code in said(f"Client Id,Note\nE-1,x\nE-2,{'x' * 2001}\n")] == [(3, "cell_too_long")]
