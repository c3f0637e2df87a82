"""A password that waits for its address to be confirmed: readable only with the link key, which is in no table."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from chalicelib.settings import settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def sealed(password: str, *, of: str) -> bytes:
    """Return the password encrypted under a key of its own. `of` names what it belongs to."""
    return _box(of).encrypt(password.encode())


def opened(password: bytes, *, of: str) -> str:
    """Return the password that was sealed under this name."""
    return _box(of).decrypt(password).decode()


def _box(of: str) -> "Fernet":
    from cryptography.fernet import Fernet  # too slow for a cold start that may not need it

    key = hmac.new(settings().link_key.encode(), f"password\0{of}".encode(), sha256).digest()
    return Fernet(urlsafe_b64encode(key))
