"""Valid and invalid inputs of registrations, by the public and by staff."""

from typing import Any

import pytest

from chalicelib.rules.inputs.registrations import LARGEST_NUMBER, LONGEST_ANSWER, MOST_DECIMALS, RegistrationInput
from chalicelib.rules.inputs.roster import AddInput
from tests.rules.inputs.faults import faults_of

KIM, LOU = {"name": "Kim"}, {"name": "Lou"}
REGISTRATION = {"email": "ana@example.org", "name": "Ana", "participants": [KIM, LOU]}
ADD = {"customer": "c1", "participants": [KIM, LOU]}
NEW = {"name": "Ana", "email": "ana@example.org"}


@pytest.mark.parametrize(
    ("more", "spots"),
    [
        ({}, 2),
        ({"party_size": 2}, 2),
        ({"party_size": 5}, 5),
        ({"participants": [KIM]}, 1),
        ({"participants": [KIM], "party_size": 50}, 50),
    ],
    ids=["a spot for each", "said so", "more spots than names", "one", "the largest party"],
)
def test_a_party_has_a_spot_for_each_participant_or_more(more: dict[str, Any], spots: int) -> None:
    assert RegistrationInput.model_validate({**REGISTRATION, **more}).spots == spots
    assert AddInput.model_validate({**ADD, **more}).spots == spots


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"party_size": 1}, "", "too_many_participants"),
        ({"party_size": 0}, "party_size", "greater_than_equal"),
        ({"party_size": 51}, "party_size", "less_than_equal"),
        ({"participants": []}, "participants", "too_short"),
        ({"participants": [{"name": f"Kim {number}"} for number in range(51)]}, "participants", "too_long"),
        ({"participants": [KIM, {"name": " kim"}]}, "participants", "named_twice"),
        ({"participants": [KIM, {"name": "K\u200bim"}]}, "participants", "named_twice"),
        ({"participants": [{"name": ""}]}, "participants.0.name", "empty"),
    ],
    ids=["fewer spots than names", "no spot", "too many spots", "nobody", "too many", "twice", "twice, invisibly", "without a name"],
)
def test_parties_that_may_not_be(more: dict[str, Any], field: str, code: str) -> None:
    assert faults_of(RegistrationInput, {**REGISTRATION, **more}) == {field: code}
    assert faults_of(AddInput, {**ADD, **more}) == {field: code}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Nuts ", "Nuts"),
        ("a\r\nb", "a\nb"),
        (True, True),
        (False, False),
        (7, 7),
        (-LARGEST_NUMBER, -LARGEST_NUMBER),
        (0.1 + 0.2, 0.3),
        (1 / 3, round(1 / 3, MOST_DECIMALS)),
    ],
    ids=["trimmed", "lines", "yes", "no", "whole", "the least", "a sum of tenths", "a third"],
)
def test_an_answer_is_kept_as_its_own_kind(sent: Any, kept: Any) -> None:
    answer = RegistrationInput.model_validate({**REGISTRATION, "answers": {"q": sent}}).answers["q"]
    assert (answer, type(answer)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (None, "not_an_answer"),
        ([1], "not_an_answer"),
        ({"a": 1}, "not_an_answer"),
        (LARGEST_NUMBER + 1, "out_of_range"),
        (float("inf"), "out_of_range"),
        (float("nan"), "out_of_range"),
        ("x" * (LONGEST_ANSWER + 1), "too_long"),
        ("a\x00b", "control_characters"),
    ],
    ids=["null", "a list", "an object", "too large", "infinite", "no number", "too long", "control characters"],
)
def test_an_invalid_answer_is_refused(sent: Any, code: str) -> None:
    assert faults_of(RegistrationInput, {**REGISTRATION, "answers": {"q": sent}}) == {"answers.q": code}


def test_a_form_has_at_most_thirty_answers() -> None:
    answers = {f"q{number}": "x" for number in range(31)}
    assert faults_of(RegistrationInput, {**REGISTRATION, "answers": answers}) == {"answers": "too_long"}


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"customer": "c1"}, {}),
        ({"new_customer": NEW}, {}),
        ({}, {"": "customer_or_new"}),
        ({"customer": "c1", "new_customer": NEW}, {"": "customer_or_new"}),
        ({"new_customer": {**NEW, "email": "josé@example.org"}}, {"new_customer.email": "accents_in_address"}),
    ],
    ids=["known", "new", "neither", "both", "an address that nobody can write to"],
)
def test_staff_add_a_customer_they_know_or_a_new_one(sent: dict[str, Any], found: dict[str, str]) -> None:
    assert faults_of(AddInput, {"participants": [KIM], **sent}) == found
