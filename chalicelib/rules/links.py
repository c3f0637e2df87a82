"""Link tokens, derived from a thing and its link version: the same link can be sent again, and no token is stored.

A token is readable parts and a seal, `part.part.seal`. The seal is HMAC-SHA256 cut to 132 bits; only the key's holder can make it.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

SEAL_LENGTH = 22
SEPARATOR = "."


def token(key: str, kind: str, *parts: str, secret: str = "") -> str:
    """Return the token of a thing. A change of `secret` invalidates older links; the seal covers it, the token does not show it."""
    return SEPARATOR.join((*parts, _seal(key, kind, *parts, secret)))


def parts(text: str) -> tuple[str, ...]:
    """Return the readable parts of a token, unverified."""
    return tuple(text.split(SEPARATOR)[:-1])


def is_genuine(key: str, kind: str, text: str, secret: str = "") -> bool:
    """Whether the token's seal is valid for this kind of thing, key and secret."""
    *shown, seal = text.split(SEPARATOR)
    return hmac.compare_digest(seal.encode(), _seal(key, kind, *shown, secret).encode())


def pseudonym(key: str, kind: str, *parts: str) -> str:
    """Return a keyed pseudonym (HMAC) of a value, so that it cannot be read or guessed."""
    return _digest(key, kind, *parts).hex()


def _seal(key: str, *sealed: str) -> str:
    return urlsafe_b64encode(_digest(key, *sealed)).decode()[:SEAL_LENGTH]


def _digest(key: str, *sealed: str) -> bytes:
    return hmac.new(key.encode(), "\0".join(sealed).encode(), sha256).digest()
