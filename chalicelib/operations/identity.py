"""Ids derived from the idempotency key: a retry creates the same ids and so finds what the first attempt wrote.

Ids are opaque: ten of 31 unambiguous symbols (49 bits), within an organisation or a session, where a
conditional write would notice a clash.
"""

import hashlib

SYMBOLS = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 10
NONCE_LENGTH = 8


def derived(*parts: str, length: int = LENGTH) -> str:
    """Return an id derived from these parts. The same parts always give the same id."""
    number = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:16], "big")
    symbols = []
    for _ in range(length):
        number, digit = divmod(number, len(SYMBOLS))
        symbols.append(SYMBOLS[digit])
    return "".join(symbols)


def nonce(*parts: str) -> str:
    """Return a nonce that distinguishes holds under the same id, such as before and after a revival."""
    return derived("nonce", *parts, length=NONCE_LENGTH)
