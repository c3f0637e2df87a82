"""Valid and invalid inputs of contracts, prices, participants and discount codes."""

from typing import Any

import pytest

from chalicelib.rules.inputs.contracts import COLUMNS, ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.inputs.discounts import DiscountChanges, DiscountInput
from tests.rules.inputs.faults import faults_of

CONTRACT = {"name": "Acme 2026", "client": "Acme"}
PRICE = {"code": "STD", "label": "Standard", "price": {"amount": 900, "currency": "EUR"}}
DISCOUNT = {"code": "SPRING", "kind": "percent", "value": 10}


@pytest.mark.parametrize(("typed", "prefix"), [("", ""), (" acme ", "ACME"), ("X1", "X1"), ("A" * 10, "A" * 10)])
def test_a_prefix_is_kept_in_capitals(typed: str, prefix: str) -> None:
    assert ContractInput.model_validate({**CONTRACT, "prefix": typed}).prefix == prefix


@pytest.mark.parametrize("typed", ["A" * 11, "AC-ME", "AC ME", "ÉCOLE", "ß", "²"])
def test_what_no_code_can_begin_with_is_refused(typed: str) -> None:
    assert faults_of(ContractInput, {**CONTRACT, "prefix": typed}) == {"prefix": "not_a_prefix"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"session": "s1"}, {}),
        ({"tag": "Health"}, {}),
        ({}, {"tag": "session_or_tag"}),
        ({"session": "s1", "tag": "Health"}, {"tag": "session_or_tag"}),
        ({"session": ""}, {"tag": "session_or_tag"}),
        ({"session": "s1", "code": " "}, {"code": "empty"}),
    ],
    ids=["a session", "a tag", "neither", "both", "an empty session", "no price code"],
)
def test_a_price_is_for_a_session_or_a_tag(more: dict[str, Any], found: dict[str, str]) -> None:
    assert faults_of(PriceInput, {**PRICE, **more}) == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"details": {"Allergies": "Nuts"}, "shareable": ["Allergies"]}, {}),
        ({"details": {"Allergies": "Nuts"}, "shareable": ["allergies"]}, {"shareable": "unknown_detail"}),
        ({"shareable": ["Allergies"]}, {"shareable": "unknown_detail"}),
        ({"details": {"Level": "1", "level": "2"}}, {"details": "same_name_twice"}),
    ],
    ids=["shared", "another name", "a detail that is not there", "one name twice"],
)
def test_only_details_that_are_there_can_be_shared(sent: dict[str, Any], found: dict[str, str]) -> None:
    assert faults_of(ContractParticipantInput, sent) == found


@pytest.mark.parametrize("column", COLUMNS)
def test_no_detail_is_called_as_a_column_of_the_table(column: str) -> None:
    assert faults_of(ContractParticipantInput, {"details": {column.lower(): "x"}}) == {"details": "name_taken"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, {}),
        ({"code": " spring-25.b_c "}, {}),
        ({"code": "SPR ING"}, {"code": "not_a_discount_code"}),
        ({"code": "A" * 41}, {"code": "not_a_discount_code"}),
        ({"value": 0}, {"value": "greater_than_equal"}),
        ({"value": "10"}, {"value": "int_type"}),
        ({"max_uses": 0}, {"max_uses": "greater_than_equal"}),
        ({"kind": "free"}, {"kind": "literal_error"}),
        ({"sessions": ["s1"] * 51}, {"sessions": "too_long"}),
    ],
    ids=[
        "just enough",
        "spaces around",
        "a space within",
        "too long",
        "nothing off",
        "text",
        "no use",
        "another kind",
        "too many sessions",
    ],
)
def test_a_discount_code(more: dict[str, Any], found: dict[str, str]) -> None:
    assert faults_of(DiscountInput, {**DISCOUNT, **more}) == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [({"ends_at": None}, {}), ({"max_uses": None}, {}), ({"value": None}, {"value": "null"}), ({"active": None}, {"active": "null"})],
)
def test_null_takes_a_limit_away_and_nothing_else(sent: dict[str, Any], found: dict[str, str]) -> None:
    assert faults_of(DiscountChanges, sent) == found
