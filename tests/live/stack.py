"""The local stack, started as a user starts it, for tests over HTTP."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from infra.local.child import free_port

LONG = 120
"""So many seconds a busy machine may take to start a stack, which is noticed at once if it ends, or for what follows from a request."""
PASSWORD = "demo-Passw0rd!"
T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Stack:
    """A running local stack."""

    url: str
    mail_url: str

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", headers: dict[str, str] | None = None) -> Reply:
        """Send one request and return the answer, whatever its status. `body` is JSON, or bytes sent unchanged."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=LONG)
        sent = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        payload = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection.request(method, path, payload, sent)
        response = connection.getresponse()
        reply = Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        connection.close()
        return reply

    def run_schedules(self, *, now: str = "", within: float = LONG) -> Reply:
        """Run the schedules, at another moment if one is given, once the streams have followed: until then they are refused (503)."""
        body = {"now": now} if now else {}
        return eventually(lambda: ran if (ran := self.call("POST", "/_local/run-schedules", body)).status == 200 else None, within=within)

    def sign_in(self, email: str = "owner@demo.test", password: str = PASSWORD) -> str:
        """Return an access token."""
        reply = self.call("POST", "/v1/auth/sign-in", {"email": email, "password": password})
        assert reply.status == 200, reply.body
        return str(reply.json["access_token"])

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Return every e-mail to an address, newest first."""
        return [mail for mail in self.all_mails() if to in mail["to"]]

    def all_mails(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.mail_url}/api/messages", timeout=LONG) as response:
            found: list[dict[str, Any]] = json.load(response)
            return found

    def mail(self, to: str, *, count: int = 1, within: float = LONG) -> dict[str, Any]:
        """Wait until this many e-mails to the address have arrived, and return the newest."""
        found = eventually(lambda: mails if len(mails := self.mails(to)) >= count else None, within=within)
        return found[0]


def eventually(look: Callable[[], T | None], *, within: float = LONG) -> T:
    """Call `look` until it returns something, or fail."""
    until = time.monotonic() + within
    while (found := look()) is None:
        assert time.monotonic() < until, f"nothing within {within} s"
        time.sleep(0.05)
    return found


def shortest(took: Callable[[], float], wanted: float) -> float:
    """Return the shortest of at most five times, and the first that is short enough at once: a busy machine makes some of them longer."""
    times = [took()]
    while min(times) >= wanted and len(times) < 5:
        times.append(took())
    return min(times)


@contextmanager
def running(state: Path, *, demo: bool = True, **settings: str) -> Iterator[Stack]:
    """Start the local stack on free ports with its state in a folder and these settings in its environment, and end it afterwards."""
    port, mail_port = free_port(), free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "MAIL_PORT": str(mail_port),
        "ROLLBOOK_STATE": str(state),
        "ROLLBOOK_DEMO": str(int(demo)),
        **settings,
    }
    log = (state.parent / f"{state.name}.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "infra.local"], env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        stack = Stack(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{mail_port}")
        eventually(lambda: _healthy(stack, process))
        yield stack
    finally:
        process.terminate()
        process.wait(timeout=LONG)
        log.close()


def _healthy(stack: Stack, process: "subprocess.Popen[bytes]") -> bool | None:
    assert process.poll() is None, "the local stack ended unexpectedly"
    try:
        return True if stack.call("GET", "/v1/health").status == 200 else None
    except (ConnectionError, urllib.error.URLError):
        return None
