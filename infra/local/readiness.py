"""Waits until people can sign in. That needs more than a running program: the user pool and its keys answer late after a start."""

import json
import time
from collections.abc import Callable

from infra.local.http_server import Request, Response

SECONDS = 30
PAUSE = 0.2
OK, BUSY = 200, 503


def wait_for_sign_in(application: Callable[[Request], Response], *, email: str, password: str, host: str) -> bool:
    """Sign in until the answer is no “try again”, and then ask who one is. False if it still is after half a minute."""
    ends = time.monotonic() + SECONDS
    while not _can_sign_in(application, email, password, (("Host", host), ("Content-Type", "application/json"))):
        if time.monotonic() > ends:
            return False
        time.sleep(PAUSE)
    return True


def _can_sign_in(application: Callable[[Request], Response], email: str, password: str, headers: tuple[tuple[str, str], ...]) -> bool:
    body = json.dumps({"email": email, "password": password}).encode()
    signed_in = application(Request("POST", "/v1/auth/sign-in", headers=headers, body=body))
    if signed_in.status != OK:
        return signed_in.status != BUSY
    token = json.loads(signed_in.body)["access_token"]
    return application(Request("GET", "/v1/me", headers=(*headers, ("Authorization", f"Bearer {token}")))).status != BUSY
