"""Ids come from the request: a retry under the same key makes the same ids and so meets what it made before.

Ids are opaque: ten of 31 unambiguous symbols (49 bits), within an organisation or a session, where a
conditional write would notice a clash.
"""

import hashlib

SYMBOLS = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 10
NONCE_LENGTH = 8


def derived(*parts: str, length: int = LENGTH) -> str:
    """Return the id that belongs to these parts, always the same."""
    number = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:16], "big")
    symbols = []
    for _ in range(length):
        number, place = divmod(number, len(SYMBOLS))
        symbols.append(SYMBOLS[place])
    return "".join(symbols)


def nonce(*parts: str) -> str:
    """Return what tells one attempt at a hold from another under the same id."""
    return derived("nonce", *parts, length=NONCE_LENGTH)
