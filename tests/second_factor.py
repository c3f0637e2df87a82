"""Authenticator apps in tests, and moto's second factor as strict as Amazon Cognito's."""

import hmac
import struct
import time
from base64 import b32decode
from hashlib import sha1
from typing import Any

import pytest
from moto.cognitoidp import models, utils
from moto.cognitoidp.exceptions import NotAuthorizedError
from moto.cognitoidp.models import CognitoIdpBackend

from chalicelib.operations.auth import second_factor
from chalicelib.rules.organisations import StaffMember

STEP_SECONDS = 30
WRONG = "000000"


def code_of(key: str, steps: int = 0) -> str:
    """Return the code that an app with this key shows now, or some steps of 30 seconds later (RFC 6238)."""
    secret = b32decode(key + "=" * (-len(key) % 8), casefold=True)
    digest = hmac.new(secret, struct.pack(">Q", int(time.time() // STEP_SECONDS) + steps), sha1).digest()
    number = struct.unpack(">I", digest[(at := digest[-1] & 15) : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def be_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto compare codes, the neighbouring ones too, and refuse an unknown session as AWS does."""
    monkeypatch.setenv("MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP", "true")
    verify, respond = utils.verify_totp, CognitoIdpBackend.respond_to_auth_challenge

    def checked(pool: CognitoIdpBackend, session: str, *arguments: Any) -> dict[str, Any]:
        if session not in pool.sessions:
            raise NotAuthorizedError("Invalid session for the user.")
        return respond(pool, session, *arguments)

    monkeypatch.setattr(models, "verify_totp", lambda totp, code: verify(totp, code, valid_window=1))
    monkeypatch.setattr(CognitoIdpBackend, "respond_to_auth_challenge", checked)


def turn_on(member: StaffMember, password: str, access_token: str, **when: Any) -> str:
    """Turn the member's second factor on and return its key."""
    key = second_factor.begin(member, password, access_token=access_token, source="192.0.2.9", **when).text
    second_factor.finish(member, code_of(key), access_token=access_token, **when)
    return key
