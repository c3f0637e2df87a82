"""Whole numbers in form fields, URLs and headers."""

MOST_DIGITS = 9


def whole_number(text: str, *, most_digits: int = MOST_DIGITS) -> int | None:
    """Return the number in a text of the digits 0 to 9 only; None for any other text, and for more than `most_digits` digits.

    `str.isdigit` accepts `²`, which `int` refuses, and `int` refuses thousands of digits: either would crash the request.
    """
    written = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if written else None
