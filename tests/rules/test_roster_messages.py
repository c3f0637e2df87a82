"""An address with several registrations gets one e-mail."""

from dataclasses import replace

import pytest

from chalicelib.rules.roster_messages import UnknownRegistrations, by_person, registrations_of
from tests.samples import REGISTRATION


@pytest.mark.parametrize(
    ("emails", "grouped"),
    [
        ([], []),
        (["ana@example.org"], [["r0"]]),
        (["ana@example.org", "bob@example.org", "ANA@example.org "], [["r0", "r2"], ["r1"]]),
        (["ana@bücher.example", "ana@xn--bcher-kva.example"], [["r0", "r1"]]),
        (["ana@example.org", "ana+kids@example.org"], [["r0"], ["r1"]]),
    ],
    ids=["nobody", "one", "siblings", "one domain in two spellings", "plus is another address"],
)
def test_one_item_for_each_address(emails: list[str], grouped: list[list[str]]) -> None:
    registrations = [replace(REGISTRATION, id=f"r{index}", email=email) for index, email in enumerate(emails)]
    assert [registrations_of(item) for item in by_person(registrations, {})] == grouped


def test_one_item_for_all_addresses_of_a_customer() -> None:
    emails = ["ana@work.example", "bob@example.org", "Ana@example.org"]
    registrations = [replace(REGISTRATION, id=f"r{index}", email=email) for index, email in enumerate(emails)]
    assert by_person(registrations, {"ana@work.example": "ana@example.org"}) == ["r0 r2", "r1"]


def test_each_unknown_registration_is_named_with_its_place() -> None:
    refused = UnknownRegistrations({1: "r9", 3: "r8"})
    assert [(pointer, code) for pointer, code, _ in refused.faults] == [
        ("/registrations/1", "unknown_registration"),
        ("/registrations/3", "unknown_registration"),
    ]
    assert "r9" in refused.faults[0][2]
