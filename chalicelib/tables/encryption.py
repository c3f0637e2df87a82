"""Encryption of stored secrets with the link key, which is in no table: a copy or backup of the tables does not reveal them."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from chalicelib.config import config

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def encrypt(secret: str, *, of: str) -> bytes:
    """Return the secret, encrypted with a key derived for `of`, the id of its owner."""
    return _box(of).encrypt(secret.encode())


def decrypt(encrypted: bytes, *, of: str) -> str:
    """Return the secret that was encrypted for `of`."""
    return _box(of).decrypt(encrypted).decode()


def _box(of: str) -> "Fernet":
    from cryptography.fernet import Fernet  # too slow for a cold start that may not need it

    # The prefix is from when only passwords were encrypted, and stays for stored values.
    key = hmac.new(config().link_key.encode(), f"password\0{of}".encode(), sha256).digest()
    return Fernet(urlsafe_b64encode(key))
