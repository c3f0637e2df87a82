"""The user pool's public keys: fetched on first use, kept for an hour, and fetched again when a token names an unknown key."""

import json
import threading
import time
import urllib.request
from http.client import HTTPException
from typing import Any

from chalicelib.config import config
from chalicelib.rules.refusals import Busy
from chalicelib.web.refusals import NotSignedIn

CACHE_SECONDS = 3600
PAUSE_SECONDS = 60
"""The minimum time between two fetches: tokens with made-up key ids must not cause a request to the pool each."""
PAUSE_AFTER_FAILURE_SECONDS = 2
TIMEOUT_SECONDS = 3


class KeySet:
    """The keys of one process, shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def key(self, key_id: str) -> Any:
        """Return the public key with this id. Raises NotSignedIn when the pool has no such key, Busy when the pool cannot be reached."""
        if key_id not in self._keys or time.monotonic() > self._stale_at:
            self._renew(key_id)
        try:
            return self._keys[key_id]
        except KeyError:
            raise (NotSignedIn if self._reached else Busy) from None

    def forget(self) -> None:
        """Drop all keys, as after a start."""
        self._keys: dict[str, Any] = {}
        self._stale_at = self._not_before = 0.0
        self._reached = False

    def _renew(self, key_id: str) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._not_before or (key_id in self._keys and now <= self._stale_at):
                return
            found = _published()
            self._reached = found is not None
            self._not_before = now + (PAUSE_SECONDS if self._reached else PAUSE_AFTER_FAILURE_SECONDS)
            if found is not None:
                self._keys, self._stale_at = found, now + CACHE_SECONDS


keyring = KeySet()


def fetch(address: str) -> bytes:
    """Return the content of a URL."""
    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the URL comes from the configuration
        content: bytes = answer.read()
    return content


def _published() -> dict[str, Any] | None:
    """Return the pool's keys by id, None when they cannot be fetched."""
    from jwt import PyJWK, PyJWTError

    try:
        published = json.loads(fetch(f"{config().token_issuer}/.well-known/jwks.json"))["keys"]
        return {key["kid"]: PyJWK(key, algorithm="RS256").key for key in published}
    except (OSError, HTTPException, ValueError, TypeError, KeyError, PyJWTError):
        return None
