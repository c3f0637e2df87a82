"""How the text of invitation codes is generated from a seed, and how many codes of a width there may be."""

from collections.abc import Iterator
from hashlib import shake_256

from chalicelib.rules.refusals import Invalid
from chalicelib.rules.translation import N_

SYMBOLS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""The 31 unambiguous symbols: without 0, O, 1, I and L."""
SHARE_OF_KEY_SPACE = 100
"""A batch may use at most one hundredth of all codes of its width."""

FAIR = 256 - 256 % len(SYMBOLS)
_SYMBOL_OF_BYTE = bytes(ord(SYMBOLS[byte % len(SYMBOLS)]) for byte in range(256))
_UNFAIR = bytes(range(FAIR, 256))


class TooManyForWidth(Invalid):
    code = "too_many_for_width"
    sentence = N_("With %(width)d characters at most %(most)d codes are hard enough to guess. Choose more characters, or fewer codes.")

    def __init__(self, *, width: int, most: int) -> None:
        self.width = width
        self.most = most


def most_of_width(width: int) -> int:
    """Return the largest batch for this width: 1 % of all possible codes."""
    return int(len(SYMBOLS) ** width // SHARE_OF_KEY_SPACE)


def check_quantity(quantity: int, width: int) -> None:
    most = most_of_width(width)
    if quantity > most:
        raise TooManyForWidth(width=width, most=most)


def generate_from_seed(seed: bytes, *, first: int, count: int, width: int) -> Iterator[str]:
    """Yield `count` codes without prefix, starting at number `first`. The same seed and number always yield the same codes.

    SHAKE-256 expands the seed's 32 random bytes. Bytes that would favour some symbols are skipped, so that all are equally likely.
    """
    symbols = _stretched(seed + first.to_bytes(8, "big"), count * width)
    return (symbols[start : start + width] for start in range(0, count * width, width))


def replacement_code(seed: bytes, *, number: int, attempt: int, width: int) -> str:
    """Return the replacement code for a number whose previous code exists already. `attempt` counts the replacements."""
    return _stretched(seed + number.to_bytes(8, "big") + attempt.to_bytes(4, "big"), width)


def _stretched(seed: bytes, symbols: int) -> str:
    stream = shake_256(seed)
    wanted = symbols + symbols // 16 + 16
    while True:
        fair = stream.digest(wanted).translate(_SYMBOL_OF_BYTE, _UNFAIR)
        if len(fair) >= symbols:
            return fair[:symbols].decode()
        wanted *= 2
