"""Rows of a customer file: the customer, the changes and the issues of each."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.rules.customers import MOST_PARTICIPANTS, Customer, Participant
from chalicelib.rules.imports import customers as rules
from chalicelib.rules.imports.csv_reader import read
from chalicelib.rules.imports.imports import RowChange
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.inputs.customers import MOST_FIELDS
from tests.samples import CUSTOMER

GROUPS = {"beginners": "g1", "year 3": "g2"}
ANA: Customer = replace(
    CUSTOMER,
    name="Ana Martin",
    phone="+33 612",
    version=5,
    participants=(Participant("Kim", "2019-02-28"),),
    groups=("g1",),
    fields=(("Level", "blue"),),
)


def compared(text: str, known: Customer | None = ANA) -> tuple[list[RowChange], list[Issue]]:
    """Return the changes and issues of a file whose rows have the address of one known customer."""
    wanted, issues = rules.check(read(text.encode()), GROUPS)
    return [rules.change(row, known) for row in wanted], issues + [found for row in wanted for found in rules.customer_issues(row, known)]


def values(cells: str, header: str) -> dict[str, Any]:
    """Return the changes of one row to the customer Ana."""
    if "name" not in header.casefold():
        header, cells = f"Name,{header}", f",{cells}"
    (change,), issues = compared(f"Email,{header}\nana@example.org,{cells}\n")
    assert issues == []
    return change.values


def said(text: str, known: Customer | None = ANA) -> list[tuple[int, str, str]]:
    return [(found.row, found.column, found.code) for found in compared(text, known)[1]]


@pytest.mark.parametrize(
    ("header", "cells", "changed"),
    [
        ("Name", "Ana Martin", {}),
        ("name", "Ana M.", {"name": "Ana M."}),
        ("Name,Phone,Participants,Groups,Level", ",,,,", {}),
        ("Phone", "+33 613", {"phone": "+33 613"}),
        ("Phone", "33612", {}),
        ("Participants", "kim; Lou", {"participants": ["Lou"]}),
        ("Participants", "Lou; LOU", {"participants": ["Lou"]}),
        ("Groups", "Beginners; Year  3", {"groups": ["g2"]}),
        ("LEVEL", "blue", {}),
        ("Level", "red", {"fields": [["Level", "red"]]}),
        ("Shoe size", "36", {"fields": [["Shoe size", "36"]]}),
        ("Status", "accepted", {}),
    ],
    ids=[
        *("the same", "another name", "empty cells change nothing", "another number", "a number as a spreadsheet writes it back"),
        *("a new participant, none removed", "one named twice", "a new group, none left", "a field in another case", "another value"),
        *("a new field", "status is only read"),
    ],
)
def test_what_a_row_changes(header: str, cells: str, changed: dict[str, Any]) -> None:
    assert values(cells, header) == changed


def test_a_row_updates_the_customer_with_its_address_or_adds_one() -> None:
    text = "Name,Email\nAna M.,ANA@example.org\n"
    (change,), _ = compared(text)
    assert (change.action, change.id, change.version) == ("update", "c1", 5)
    (change,), _ = compared(text, None)
    assert (change.action, change.id, change.version, change.values["email"]) == ("create", "", 0, "ANA@example.org")


def test_a_file_that_was_imported_changes_nothing() -> None:
    text = "Name,Email,Phone,Participants,Groups,Level\nAna Martin,ana@example.org,+33 612,Kim,Beginners,blue\n"
    (change,), issues = compared(text)
    assert (change.action, change.values, issues) == ("unchanged", {}, [])


@pytest.mark.parametrize(
    ("text", "known", "issues"),
    [
        ("Name,Email\nAna,\n", ANA, [(2, "Email", "missing")]),
        ("Name,Email\nAna,ana\n", ANA, [(2, "Email", "not_an_address")]),
        ("Name,Email\n,ana@example.org\n", None, [(2, "Name", "missing")]),
        ("Name,Email\n,ana@example.org\n", ANA, []),
        ("Name,Email\nAna,ana@example.org\nBob,Ana@Example.org\n", ANA, [(3, "Email", "duplicate_row")]),
        ("Name,Email,Groups\nAna Martin,ana@example.org,Year 4\n", ANA, [(2, "Groups", "unknown_group")]),
        ("Name,Email,Groups\nAna Martin,ana@example.org,Beginners; Year 4; Year 5\n", ANA, [(2, "Groups", "unknown_group")] * 2),
        (
            f"Name,Email,Participants\n,a@b.co,{'; '.join(f'K{n}' for n in range(51))}\n",
            None,
            [(2, "Participants", "too_many"), (2, "Name", "missing")],
        ),
    ],
    ids=[
        "no address",
        "a wrong address",
        "a new one without name",
        "known without name",
        "twice",
        "no such group",
        "two",
        "too many children",
    ],
)
def test_every_issue_is_told_with_its_row_and_column(text: str, known: Customer | None, issues: list[tuple[int, str, str]]) -> None:
    assert said(text, known) == issues


def test_participants_are_counted_with_those_that_are_known() -> None:
    many = "; ".join(f"K{number}" for number in range(MOST_PARTICIPANTS))
    assert said(f"Name,Email,Participants\n,ana@example.org,{many}\n") == [(2, "Participants", "too_many")]
    assert said(f"Name,Email,Participants\n,ana@example.org,{many}\n", replace(ANA, participants=())) == []


def test_fields_are_counted_with_those_that_are_known() -> None:
    names = ",".join(f"f{number}" for number in range(MOST_FIELDS))
    row = f"Name,Email,{names}\n,ana@example.org{',x' * MOST_FIELDS}\n"
    assert said(row) == [(2, "", "too_many_fields")]
    assert said(row, replace(ANA, fields=())) == []


@pytest.mark.parametrize(
    ("number", "known", "same"),
    [
        ("33612", "+33612", True),
        ("612345678", "0612345678", True),
        ("612345678", "06 12 34 56 78", True),
        ("612345678", "612345678", False),
        ("+33612", "33612", False),
        ("612345679", "0612345678", False),
        ("", "0", False),
    ],
    ids=["the plus is lost", "the zero is lost", "spaces are lost", "nothing is lost", "a plus is added", "another number", "empty"],
)
def test_a_number_that_a_spreadsheet_wrote_back_is_the_known_one(number: str, known: str, same: bool) -> None:
    assert rules.same_but_for_zeros(number, known) is same


def test_fields_keep_the_spelling_that_they_have() -> None:
    assert rules.merged({"fields": [["LEVEL", "red"], ["Size", "M"]]}, ANA) == (("Level", "red"), ("Size", "M"))
