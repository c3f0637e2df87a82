"""Whom a list invites, and how its addresses are read."""

import pytest

from chalicelib.rules.bulk_invitations import (
    KnownAddresses,
    NoAddressColumn,
    SkippedAddress,
    TooManyRecipients,
    check_number,
    in_csv,
    invitable,
    pasted,
    valid,
)
from chalicelib.rules.organisations import Bounce, EmailPreferences


def test_each_address_is_invited_once_and_what_is_none_is_skipped() -> None:
    choice = valid(["ana@example.org", " ANA@example.org ", "nobody", "", "x" * 300 + "@example.org", "ben@example.org"])
    assert choice.recipients == ["ana@example.org", "ben@example.org"]
    assert [one.reason for one in choice.skipped] == ["doubled", "not_an_address", "not_an_address", "not_an_address"]
    assert choice.total == 6


def test_who_needs_no_invitation_or_gets_no_e_mail_is_skipped_with_the_reason() -> None:
    preferences = {"gone@example.org": EmailPreferences(bounce=Bounce()), "off@example.org": EmailPreferences(unsubscribed=True)}
    known = KnownAddresses({"in@example.org"}, {"asked@example.org"}, preferences)
    named = ["in@example.org", "Asked@example.org", "gone@example.org", "off@example.org", "new@example.org"]
    choice = invitable(valid(named), known)
    assert choice.recipients == ["new@example.org"]
    assert choice.skipped == [
        SkippedAddress("in@example.org", "already_registered"),
        SkippedAddress("Asked@example.org", "already_invited"),
        SkippedAddress("gone@example.org", "unreachable"),
        SkippedAddress("off@example.org", "unsubscribed"),
    ]
    assert choice.reasons == {"already_registered": 1, "already_invited": 1, "unreachable": 1, "unsubscribed": 1}


def test_pasted_addresses_are_read_however_they_are_separated() -> None:
    text = "ana@example.org, ben@example.org;\tCleo <cleo@example.org>\n\n“Dora” <dora@example.org>\r\neve"
    assert pasted(text) == ["ana@example.org", "ben@example.org", "cleo@example.org", "dora@example.org", "eve"]


@pytest.mark.parametrize(
    "file",
    [
        "Name,E-Mail\nAna,ana@example.org\nBen,ben@example.org\n",
        "\ufeffName;Adresse e-mail\nAna;ana@example.org\nBen;ben@example.org\n",
        "ana@example.org\nben@example.org\n",
        "Ana,ana@example.org\nBen,ben@example.org\n",
    ],
)
def test_the_column_of_addresses_is_found_by_its_name_or_its_first_row(file: str) -> None:
    assert in_csv(file.encode()) == ["ana@example.org", "ben@example.org"]


def test_a_file_without_addresses_is_refused() -> None:
    with pytest.raises(NoAddressColumn):
        in_csv(b"Name,Phone\nAna,1\n")


def test_a_job_takes_ten_thousand_addresses() -> None:
    check_number(["a@example.org"] * 10_000)
    for named in (["a@example.org"] * 10_001, [f"{'a' * 200}@example.org"] * 5_000):
        with pytest.raises(TooManyRecipients):
            check_number(named)
