"""Rollbook deployed with the operator's commands, from a copy of the project, onto the emulated AWS."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.local.npm import PackageMissingError
from infra.rehearsal.aws import Aws
from tests.live.deployed import packages
from tests.live.deployed.commands import Commands, Ran
from tests.live.stack import Reply, Stack, eventually

PROJECT = Path(__file__).parents[3]
PARTS = (
    *("app.py", "chalicelib", "infra", ".chalice", "Makefile"),
    *("requirements.txt", "requirements.lock", "requirements-local.txt", "requirements-dev.txt"),
)
MAKE = ("make", "-o", ".venv/local")
"""The operator's environment is there; it is not installed again."""
PYTHON = ".venv/bin/python"
STAGE = "trial"
SENDER = "rollbook@example.org"
ENOUGH = 3
SECONDS = 900


@dataclass(frozen=True)
class Deployment(Stack):
    """The deployed application. `url` is the public URL in its configuration."""

    aws: Aws
    project: Path
    commands: Commands
    after_a_death: Ran
    """The result of the deploy that followed a crashed one."""

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", headers: dict[str, str] | None = None) -> Reply:
        """Send a request for the API's host to the emulator and return the answer, whatever its status."""
        sent = {"Host": urlsplit(self.url).netloc, "Content-Type": "application/json"}
        sent |= ({"Authorization": f"Bearer {token}"} if token else {}) | (headers or {})
        payload = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection = HTTPConnection("127.0.0.1", self.aws.port, timeout=60)
        connection.request(method, urlsplit(self.url).path + path, payload, sent)
        response = connection.getresponse()
        reply = Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        connection.close()
        return reply

    def open(self, link: str) -> Reply:
        """Open a link from an e-mail or a page."""
        assert link.startswith(self.url), link
        return self.call("GET", link.removeprefix(self.url), headers={"Accept": "text/html"})

    def invoke(self, handler: str, event: Any) -> Any:
        """Run a function in Lambda and return its result. An exception in it fails the test."""
        response = self.aws.client("lambda").invoke(FunctionName=f"rollbook-{STAGE}-{handler}", Payload=json.dumps(event))
        result = json.load(response["Payload"])
        assert "FunctionError" not in response, result
        return result

    def infra(self, *words: str) -> Ran:
        """Run an operator's command for the stage."""
        return self.commands.run(*words, "--stage", STAGE)


def copy_of_the_project(to: Path) -> Path:
    """Copy the files of a clone."""
    shutil.copytree(PROJECT, to, ignore=_all_but_parts, symlinks=True)
    (to / ".venv").symlink_to(packages.operators_python())
    return to


def _all_but_parts(folder: str, names: Sequence[str]) -> set[str]:
    if Path(folder) == PROJECT:
        return set(names) - set(PARTS)
    return set(names) & {"deployments", "deployed", "stages", "__pycache__"}


def run(project: Path, aws: Aws, words: Sequence[str]) -> Ran:
    """Run a command of the project against the emulated AWS."""
    return subprocess.run(words, cwd=project, env=_environment(aws), capture_output=True, text=True, timeout=SECONDS, check=False)


def _environment(aws: Aws) -> dict[str, str]:
    ours = ("AWS_", "ROLLBOOK_", "POWERTOOLS_", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | aws.environment | packages.environment()


def done(ran: Ran) -> str:
    """Return the output of a command that must succeed."""
    assert ran.returncode == 0, f"{ran.args}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def missing() -> str:
    """Return the reason why this computer cannot deploy, an empty string if it can."""
    if not shutil.which("make"):
        return "make was not found, so nothing is deployed. Install make."
    try:
        packages.operators_python()
        packages.environment()
    except PackageMissingError as reason:
        return f"Nothing is deployed. {reason}"
    return ""


@contextmanager
def deployed_onto(aws: Aws, project: Path) -> Iterator[Deployment]:
    """Deploy as the operator does. The first deploy is killed half-way; the result of the second one is kept for the tests."""
    aws.client("sesv2").create_email_identity(EmailIdentity=SENDER.partition("@")[2])
    command = [*MAKE, "deploy", f"STAGE={STAGE}", f"SET=Sender={SENDER}", "YES=1"]
    _die_half_way(project, aws, command)
    second = run(project, aws, command)
    with closing(Commands(PYTHON, project, _environment(aws))) as commands:
        done(commands.run("adopt", "--stage", STAGE, "--yes"))
        done(run(project, aws, command))
        environment = json.loads((project / ".chalice" / "stages" / f"{STAGE}.json").read_text())["environment_variables"]
        yield Deployment(environment["ROLLBOOK_PUBLIC_URL"], aws.mailbox, aws, project, commands, second)


def _die_half_way(project: Path, aws: Aws, command: Sequence[str]) -> None:
    """Start a deploy and kill it after it has created some of the functions."""
    dying = subprocess.Popen(command, cwd=project, env=_environment(aws), stdout=subprocess.DEVNULL, start_new_session=True)
    functions = aws.client("lambda")
    eventually(lambda: len(functions.list_functions()["Functions"]) >= ENOUGH or dying.poll() is not None or None, within=SECONDS)
    assert dying.poll() is None, f"the deploy ended before it was killed: {done(run(project, aws, command))}"
    os.killpg(dying.pid, signal.SIGKILL)
    dying.wait()
