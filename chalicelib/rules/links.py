"""Link tokens: derived from the thing and a link version, so that the same link can be sent again and nothing needs to be stored.

A token is readable parts and a seal: `part.part.seal`. The seal is HMAC-SHA256 cut to 132 bits; it cannot be made without the key.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

SEAL_LENGTH = 22
SEPARATOR = "."


def token(key: str, kind: str, *parts: str, secret: str = "") -> str:
    """Return the token of a thing. `secret` is what changes when older links must die; it is sealed in, not shown."""
    return SEPARATOR.join((*parts, _seal(key, kind, *parts, secret)))


def parts(text: str) -> tuple[str, ...]:
    """Return what the token shows, without believing it."""
    return tuple(text.split(SEPARATOR)[:-1])


def genuine(key: str, kind: str, text: str, secret: str = "") -> bool:
    """Whether this token was made for this kind of thing with this key and secret."""
    *shown, seal = text.split(SEPARATOR)
    return hmac.compare_digest(seal.encode(), _seal(key, kind, *shown, secret).encode())


def stand_in(key: str, kind: str, *parts: str) -> str:
    """Return what stands for something that is not to be read in it, nor found by trying what it may be: always the same with this key."""
    return _digest(key, kind, *parts).hex()


def _seal(key: str, *sealed: str) -> str:
    return urlsafe_b64encode(_digest(key, *sealed)).decode()[:SEAL_LENGTH]


def _digest(key: str, *sealed: str) -> bytes:
    return hmac.new(key.encode(), "\0".join(sealed).encode(), sha256).digest()
