"""Every example of the API guide runs, in its order, against the local stack."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from chalicelib.pages.embed_settings import snippet
from chalicelib.rules.organisations import Organisation
from tests.live.stack import Stack

pytestmark = pytest.mark.live

GUIDE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
LOCAL = "http://127.0.0.1:8000"
REPORTS = """\
set -eu
curl() { command curl -w '%{stderr}answered %{http_code}\\n' "$@"; }
"""
"""Every answer's status goes to the error output."""
TELLS = 'echo; for name in API TOKEN SESSION; do echo "@$name=${!name}"; done'
KINDS = {"sh", "python", "js", "html", "json", "mermaid"}


def blocks(kind: str) -> list[str]:
    found = [text for name, text in BLOCKS if name == kind]
    assert found, f"The guide has no example in {kind}."
    return found


def run(command: list[str], text: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, env={**os.environ, **variables})


@pytest.fixture(scope="module")
def shell(stack: Stack) -> dict[str, str]:
    """Run the examples for the shell, one after the other in one shell. Return its variables."""
    script = REPORTS + "\n".join(blocks("sh")).replace(LOCAL, stack.url) + TELLS
    done = run(["bash", "-s"], script)
    assert done.returncode == 0, done.stdout + done.stderr
    answered = [int(status) for status in re.findall(r"answered (\d+)", done.stderr)]
    refused = [status for status in answered if status >= 300]
    assert refused == [int(status) for status in re.findall(r"# .*answers (\d+)", "".join(blocks("sh")))], done.stdout
    assert len(answered) > len(blocks("sh"))
    assert done.stdout.lower().count("idempotent-replayed: true") == 1
    return dict(re.findall(r"^@(\w+)=(.*)$", done.stdout, re.MULTILINE))


def test_the_guide_has_no_example_that_nothing_runs() -> None:
    assert {kind for kind, _ in BLOCKS} <= KINDS


def test_the_examples_for_the_shell_do_the_main_job(shell: dict[str, str], stack: Stack) -> None:
    spots = stack.call("GET", f"/v1/orgs/demo/sessions/{shell['SESSION']}", token=shell["TOKEN"]).json["spots"]
    assert (spots["taken"], spots["held"]) == (1, 1)


def test_the_examples_in_python_run(shell: dict[str, str]) -> None:
    for text in blocks("python"):
        done = run([sys.executable, "-"], text, **shell)
        assert done.returncode == 0, done.stderr


def test_the_receiver_of_webhooks_tells_signed_calls_from_others() -> None:
    (text,) = [text for text in blocks("python") if "def receive" in text]
    known: dict[str, Any] = {}
    names: dict[str, Any] = {"remember": known.__setitem__}
    exec(text, names)
    secret, now = f"whsec_{base64.b64encode(b'x' * 24).decode()}", datetime.now(UTC)
    body = json.dumps({"id": "e1", "type": "ping"})
    signed = Webhook(secret).sign("e1", now, body)
    headers = {"webhook-id": "e1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signed}
    assert names["receive"](headers, body.encode(), secret) == 204
    assert names["receive"](headers, body.replace("ping", "pong").encode(), secret) == 400
    assert known == {"e1": {"id": "e1", "type": "ping"}}


def test_the_examples_in_javascript_run(stack: Stack) -> None:
    node = shutil.which("node")
    if not node:
        if os.environ.get("CI"):
            pytest.fail("node was not found.")
        pytest.skip("node was not found.")
    for text in blocks("js"):
        done = run([node, "--input-type=module"], text.replace(LOCAL, stack.url))
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == 5


def test_the_line_for_a_website_is_that_of_the_settings(environment: None) -> None:
    demo = Organisation("demo", "Atelier Lumière", datetime.now(UTC))
    assert [text.strip() for text in blocks("html")] == [snippet(demo)]


def test_the_shown_refusal_is_the_one_that_is_answered(stack: Stack, shell: dict[str, str]) -> None:
    (shown,) = map(json.loads, blocks("json"))
    path = f"/v1/orgs/demo/sessions/{shell['SESSION']}/invitations"
    refusal = stack.call("POST", path, {"email": "nobody", "party_size": 0}, token=shell["TOKEN"]).json
    for problem in (shown, refusal):
        for part in (problem, *problem["errors"]):
            del part["detail"]
    assert refusal == shown
