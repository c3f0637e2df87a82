"""Programs that serve a loopback port for us, and end when our process ends for any reason."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain, count
from pathlib import Path

from infra.local import die_with_parent

HOST = "127.0.0.1"
PORTS = range(18_000, 32_000)
PORTS_OF_A_PROCESS = 40
_calls = count()


class ChildFailedError(Exception):
    """A program that the local stack needs did not start; the message says where to look."""


class Child:
    """A running child: it gets no Ctrl-C, and is ended by SIGTERM on request or when our process is gone."""

    def __init__(self, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path | None) -> None:
        self._name = name
        self._log = log
        output = log.open("ab") if log else subprocess.DEVNULL
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", die_with_parent.__file__, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
        if not isinstance(output, int):
            output.close()

    @property
    def process(self) -> int:
        """The id of the process that keeps the program, which is its only child."""
        return self._process.pid

    def check(self) -> None:
        """Raise ChildFailedError if the program has ended."""
        if self._process.poll() is not None:
            raise ChildFailedError(f"{self._name} has ended{f': see {self._log}' if self._log else ''}.")

    def wait_for_port(self, port: int, *, seconds: float) -> None:
        """Wait until the program accepts connections, or raise ChildFailedError."""
        deadline = time.monotonic() + seconds
        while not _accepts(port):
            self.check()
            if time.monotonic() > deadline:
                self.stop()
                raise ChildFailedError(f"{self._name} does not answer{f': see {self._log}' if self._log else ''}.")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the program and wait until it has saved its state."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(die_with_parent.GRACE_SECONDS + 2)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def free_port(wanted: int = 0) -> int:
    """Return the wanted port when it can be had, else another that is free. No other process is given it while this one lives.

    A program that starts on it may take seconds. Systems as a rule give none of PORTS away by themselves.
    """
    own = os.getpid() * PORTS_OF_A_PROCESS
    others = (PORTS[(own + next(_calls)) % len(PORTS)] for _ in PORTS)
    for port in chain([wanted] if wanted else [], others):
        if _is_free(port) and _reserve(port):
            return port
    raise ChildFailedError("No port is free on this computer.")


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return False
        return True


def _reserve(port: int) -> bool:
    """Lock the port's byte of a file that all processes of this user share. False when another has it, at most until it ends."""
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _reservations() -> int:
    return os.open(Path(tempfile.gettempdir()) / f"rollbook-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
