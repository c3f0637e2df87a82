"""A local stack for a measurement, as a user starts it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from bench import processes
from infra.local.child import free_port

READY_SECONDS = 300
"""On a busy computer, a minute is too little."""
PASSWORD = "demo-Passw0rd!"


@dataclass
class Running:
    """A local stack that runs, and the owner's access token."""

    url: str
    process: int
    access: str = ""

    def call(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """Send a request, with a body as POST unless another method is named, and return the answer's JSON."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.access}"} if self.access else {})}
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=60) as response:
            return json.load(response)

    def processor_seconds(self) -> float:
        """Return the processor time that it and the programs which it started have used so far."""
        return processes.processor_seconds([self.process])


@contextmanager
def running(folder: Path, *, database: str = "embedded", module: str = "infra.local") -> Iterator[Running]:
    """Start a local stack with demo data on free ports, its state in the folder, and end it afterwards."""
    port, mail_port = free_port(), free_port()
    named = {
        "PORT": str(port),
        "MAIL_PORT": str(mail_port),
        "ROLLBOOK_STATE": str(folder),
        "ROLLBOOK_DEMO_PASSWORD": PASSWORD,
        "DYNAMODB": database,
    }
    process = subprocess.Popen([sys.executable, "-m", module], env={**os.environ, **named}, stdout=subprocess.DEVNULL)
    try:
        stack = Running(f"http://127.0.0.1:{port}", process.pid)
        _wait_for(stack)
        stack.access = stack.call("/v1/auth/sign-in", {"email": "owner@demo.test", "password": PASSWORD})["access_token"]
        yield stack
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(stack: Running) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            stack.call("/v1/health")
            return
        except (URLError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
