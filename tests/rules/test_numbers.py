"""Reading whole numbers from text."""

import pytest

from chalicelib.rules.numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("999999999", 999_999_999)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " ", " 7", "²", "٣", "৩", "7.0", "1e5", "-1", "+1", "1_0", "1,000", "0x5", "1234567890", "9" * 5_000])
def test_any_other_text_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_how_long_a_number_may_be_is_up_to_who_reads_it() -> None:
    assert whole_number("1234567890", most_digits=10) == 1_234_567_890
    assert whole_number("100", most_digits=2) is None
