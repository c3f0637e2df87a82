"""Passwords."""

import pytest

from chalicelib.rules.auth import strong
from chalicelib.rules.inputs.auth import NewPasswordInput, SignInInput
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.web.validation import read_json


@pytest.mark.parametrize("password", ["demo-Passw0rd!", "aB3" + "é" * 7, "with a Space 1", "aB3" + "x" * 253])
def test_strong_passwords(password: str) -> None:
    assert strong(password)


@pytest.mark.parametrize(
    "password", ["", "short-Pa0", "no-capital-1", "NO-SMALL-1X", "No-Digit-Here", " Padded-Passw0rd", "aB3" + "x" * 254, "É١é" * 5]
)
def test_weak_passwords(password: str) -> None:
    assert not strong(password)


def test_every_fault_of_a_new_password_is_told_at_once() -> None:
    with pytest.raises(ValidationFailed) as refused:
        read_json(NewPasswordInput, b'{"password": "weak", "password_confirmation": "other", "more": 1}')
    assert {(field, code) for field, code, _ in refused.value.faults} == {
        ("/token", "missing"),
        ("/password", "weak_password"),
        ("/password_confirmation", "differs"),
        ("/more", "unknown_field"),
    }


def test_a_password_is_taken_as_typed() -> None:
    assert read_json(SignInInput, b'{"email": " ana@example.org", "password": " p "}').password == " p "
