"""Passwords that are guessed first are refused, whatever stands around the common word."""

import pytest
from pydantic import ValidationError

from chalicelib.rules.guessable_passwords import is_guessable
from chalicelib.rules.inputs.auth import ConfirmInput


@pytest.mark.parametrize(
    "password",
    [
        "Password12",
        "P@ssw0rd2026!",
        "Passwordpassword1",
        "Qwerty1234",
        "Azerty-1234",
        "Demo123456",
        "Abcabc1234",
        "Summer2026!",
        "Motdepasse1",
        "1234Ytrewq",
        "Aaaaaaaaa1",
        "1234567890",
    ],
)
def test_a_common_word_a_row_of_keys_or_a_repetition_is_guessable(password: str) -> None:
    assert is_guessable(password)


@pytest.mark.parametrize(
    "password", ["demo-Passw0rd!", "Lilac-Otter-12", "Attacker0wned!", "Tuesday7Otters", "été-Piscine-8", "x7Kq9mWz2p"]
)
def test_words_that_do_not_belong_together_are_not(password: str) -> None:
    assert not is_guessable(password)


def test_a_common_password_is_refused_with_a_reason_of_its_own() -> None:
    with pytest.raises(ValidationError) as refused:
        ConfirmInput(token="t", password="Password12")
    assert [fault["type"] for fault in refused.value.errors()] == ["guessable_password"]
