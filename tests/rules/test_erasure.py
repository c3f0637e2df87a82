"""Rows without a person's data, and the merge of two customers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules import erasure
from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.merge import MOST_ADDRESSES, SameCustomer, TooManyAddresses, merged_customer, with_address

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANA = Customer(org="demo", id="ana", email="Ana@example.org", name="Ana", created_at=NOW)
BEN = Customer(org="demo", id="ben", email="ben@example.org", name="Ben", created_at=NOW - timedelta(days=9))
THEIRS = erasure.traces(["Ana@Example.org", "boss@demo.test"], staff=["Boss@demo.test"])


def test_what_they_did_as_staff_keeps_their_name() -> None:
    step = {"status": "paid", "at": "2026-01-01T00:00:00Z", "note": ""}
    row = {"email": "ben@example.org", "removed_by": "ana@example.org", "billing_history": [{**step, "by": "boss@demo.test"}]}
    assert erasure.registration(row, THEIRS) == {**row, "removed_by": ""}


def test_only_the_persons_data_are_erased_from_an_invitation() -> None:
    row = {"email": "ben@example.org", "note": "vegan", "accepted_by": "ANA@example.org", "claimant": {"email": "ana@example.org"}}
    assert erasure.invitation(row, THEIRS) == {"email": "ben@example.org", "note": "vegan", "accepted_by": ""}
    assert erasure.invitation({**row, "email": "ana@example.org", "booker": "x"}, THEIRS) == {"email": "", "accepted_by": ""}


@pytest.mark.parametrize(
    ("sort_key", "address"),
    [
        ("8#ADDRESS#a#b@example.org", "a#b@example.org"),
        ("9#PARTICIPANT#a#b@example.org#0123", "a#b@example.org"),
        ("3#REGISTRATION#x", ""),
        ("1#LEDGER#00", ""),
    ],
)
def test_a_guard_names_an_address_whatever_is_in_it(sort_key: str, address: str) -> None:
    assert erasure.guarded_address(sort_key) == address


def test_addresses_leave_texts_however_deep_and_written() -> None:
    assert erasure.scrubbed({"a": ["To ANA@example.org!", 1, None]}, THEIRS) == {"a": ["To Erased customer!", 1, None]}
    kept = json.dumps({"body": json.dumps({"name": 'Zoé "Zo"'})})
    assert erasure.mentions(kept, erasure.needles(['Zoé "Zo"']))
    assert not erasure.mentions("Annabel", erasure.needles(["An"]))


def test_the_survivors_word_stands_and_nothing_of_the_other_is_lost() -> None:
    stays = replace(ANA, fields=(("Level", "blue"),), participants=(Participant("Kim"),), status="invited", remind_at=NOW)
    goes = replace(BEN, phone="07", fields=(("LEVEL", "red"), ("Size", "M")), participants=(Participant("kim"), Participant("Lou")))
    one = merged_customer(stays, replace(goes, status="accepted", user="u", addresses=("old@example.org",), groups=("g",)))
    assert (one.id, one.email, one.addresses) == ("ana", "Ana@example.org", ("old@example.org", "ben@example.org"))
    assert (one.status, one.user, one.remind_at, one.created_at) == ("accepted", "u", None, BEN.created_at)
    assert (one.phone, one.groups, one.fields) == ("07", ("g",), (("Level", "blue"), ("Size", "M")))
    assert [child.name for child in one.participants] == ["Kim", "Lou"]


def test_a_merge_with_oneself_or_with_too_many_addresses_is_refused() -> None:
    with pytest.raises(SameCustomer):
        merged_customer(ANA, ANA)
    with pytest.raises(TooManyAddresses):
        merged_customer(ANA, replace(BEN, addresses=tuple(f"{number}@example.org" for number in range(MOST_ADDRESSES))))
    assert with_address(replace(ANA, addresses=("b@example.org", "ana@example.org")), "B@example.org") == ("B@example.org",)
