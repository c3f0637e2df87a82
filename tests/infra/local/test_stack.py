"""The whole local stack, started and stopped as a process."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.local.child import free_port
from tests.live.stack import shortest

COMMAND = [sys.executable, "-m", "tests.infra.local.small_stack"]
ROOT = Path(__file__).parents[3]


@dataclass
class Stack:
    process: "subprocess.Popen[str]"
    port: int
    mail_port: int

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, Any]:
        return ask(self.port, method, path, body)

    def mails(self) -> list[str]:
        return [to for message in ask(self.mail_port, "GET", "/api/messages")[1] for to in message["to"]]

    def healthy(self) -> bool:
        assert self.process.poll() is None, "the stack ended unexpectedly"
        try:
            return self.ask("GET", "/v1/health")[0] == 200
        except OSError:
            return False

    def said(self) -> str:
        """Return everything that the process printed, once it has ended."""
        assert self.process.stdout
        return self.process.stdout.read()


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def environment(state: Path, port: int, mail_port: int) -> dict[str, str]:
    ours = {"ROLLBOOK_STATE": str(state), "PORT": str(port), "MAIL_PORT": str(mail_port)}
    return os.environ | ours | {"AWS_PROFILE": "somebody", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}


@contextmanager
def starting(state: Path) -> Iterator[Stack]:
    port, mail_port = free_port(), free_port()
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment(state, port, mail_port), stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Stack(process, port, mail_port)
        finally:
            process.kill()


@contextmanager
def running(state: Path) -> Iterator[Stack]:
    state.mkdir(exist_ok=True)
    (state / "planted").touch()
    with starting(state) as stack:
        until(stack.healthy)
        yield stack


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.02)


def end(stack: Stack, number: signal.Signals) -> float:
    """Return the seconds until the process ended."""
    began = time.monotonic()
    stack.process.send_signal(number)
    assert stack.process.wait(120) == 0
    return time.monotonic() - began


def test_nothing_is_healthy_before_the_data_is_planted(tmp_path: Path) -> None:
    with starting(tmp_path) as stack:

        def says_starting() -> bool:
            try:
                status, problem = stack.ask("GET", "/v1/health")
            except OSError:
                return False
            return (status, problem["code"]) == (503, "starting")

        until(says_starting)
        assert stack.ask("GET", "/people")[0] == 503
        (tmp_path / "planted").touch()
        until(stack.healthy)


def seconds_to_mail(stack: Stack, path: str) -> float:
    """Ask for an e-mail to a new address, and return the seconds until the mailbox has it as its newest and only one."""
    began, to = time.monotonic(), f"{uuid.uuid4().hex}@example.org"
    assert stack.ask("POST", f"{path}/{to}")[0] == 200
    until(lambda: to in stack.mails())
    assert stack.mails().count(to) == 1
    return time.monotonic() - began


def test_a_write_leads_to_its_email_within_two_seconds(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        assert shortest(lambda: seconds_to_mail(stack, "/people"), 2) < 2


def test_schedules_run_when_asked_and_their_emails_are_there_with_the_answer(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        assert stack.ask("POST", "/_local/run-schedules", '{"now": "2031-01-01T00:00:00Z"}') == (200, {"written": 1})
        assert stack.mails() == ["scheduled-2031@example.org"]
        assert stack.ask("POST", "/_local/run-schedules", "{")[0] == 400


def test_a_queue_message_is_handled_soon(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        assert shortest(lambda: seconds_to_mail(stack, "/queue"), 3) < 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_stack_stops_soon_and_restarts_with_its_data(tmp_path: Path, number: signal.Signals) -> None:
    def stopped() -> float:
        """Return the seconds that it took to stop, of three: of as many as it took to start, on a machine that takes longer to start."""
        began = time.monotonic()
        with running(tmp_path) as stack:
            started = time.monotonic() - began
            stack.ask("POST", "/people/ana@example.org")
            took = end(stack, number)
            said = stack.said()
        for line in (f"http://127.0.0.1:{stack.port}", f"http://127.0.0.1:{stack.mail_port}", "owner@demo.test   demo-Passw0rd!"):
            assert line in said
        return 3 * took / max(3, started)

    assert shortest(stopped, 3) < 3
    with running(tmp_path) as again:
        assert again.ask("GET", "/people") == (200, ["ana@example.org"])
        assert set(again.mails()) == {"ana@example.org"}
        assert (tmp_path / "failed.jsonl").exists() is False


def test_a_crash_loses_no_answered_write(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        stack.ask("POST", "/people/ana@example.org")
        world = (tmp_path / "world.json").read_text()
        stack.process.kill()
        stack.process.wait(10)
    with running(tmp_path) as again:
        assert (tmp_path / "world.json").read_text() == world, "a signed-in user was signed out"
        assert again.ask("GET", "/people") == (200, ["ana@example.org"])
        until(lambda: "ana@example.org" in again.mails())


def test_a_second_start_on_the_same_state_is_one_clear_line(tmp_path: Path) -> None:
    with running(tmp_path), starting(tmp_path) as second:
        assert second.process.wait(120) == 1
        assert second.said().count("\n") == 1


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for ports in ((port, 0), (0, port)):
            started = subprocess.run(COMMAND, cwd=ROOT, env=environment(tmp_path, *ports), capture_output=True, text=True, timeout=120)
            assert started.returncode == 1
            assert started.stdout.startswith(f"Port {port} is taken.")
            assert (started.stdout.count("\n"), started.stderr) == (1, "")
