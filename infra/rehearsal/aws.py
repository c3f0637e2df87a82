"""The stand-in, running: MiniStack with permissions enforced, and the mailbox that takes what its functions send."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3

from infra.local import simulator
from infra.local.child import HOST, Child, free_port
from infra.local.gateway import STARTING
from infra.local.mailbox.letters import Letter
from infra.local.mailbox.server import Mailbox
from infra.local.mailbox.shelf import Shelf
from infra.local.wire import Server

REGION = "eu-central-1"
ACCOUNT = "210987654321"
START_SECONDS = 30
KEPT = ("PATH", "HOME", "TMPDIR", "LANG")
"""What the functions may see of the environment that the stand-in was started in."""


@dataclass(frozen=True, slots=True)
class Aws:
    """Where it is."""

    port: int
    mailbox: str
    """Where the e-mails can be read; for every port, 0 means any free one."""

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes an AWS client talk to the stand-in, as somebody who may do everything."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "test",  # The stand-in checks signatures against this one.
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """Return a client of a service, of somebody who may do everything."""
        key, secret, region = (self.environment[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION"))
        session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
        return session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]


@contextmanager
def running(state: Path, *, port: int = 0, mail_port: int = 0) -> Iterator[Aws]:
    """Start it with its files in a folder; nothing of it is left afterwards but the folder."""
    state.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stopping:
        post = Server(mail_port, lambda _: STARTING)
        aws = Aws(free_port(port), post.url)
        post.handler = Mailbox(Shelf(state / "mail.jsonl"), rollbook=post.url, taken=partial(_tell, aws))
        post.begin()
        stopping.callback(post.end)
        command = [sys.executable, "-m", "infra.rehearsal.mended_ministack"]
        child = Child("The stand-in for AWS", command, environment=_environment(aws, state), log=state / "aws.log")
        stopping.callback(child.stop)
        child.wait_for_port(aws.port, seconds=START_SECONDS)
        yield aws


def _tell(aws: Aws, letter: Letter) -> None:
    """Put on the event bus what the simulator's addresses make SES say."""
    simulator.tell(letter, lambda event: aws.client("events").put_events(Entries=[_entry(event)]))


def _entry(event: dict[str, Any]) -> dict[str, Any]:
    return {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}


def _environment(aws: Aws, state: Path) -> dict[str, str]:
    """Permissions are enforced; no Docker, no brokers, nothing beyond loopback, nothing kept."""
    return {name: value for name, value in os.environ.items() if name in KEPT} | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(aws.port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AUTH": "true",
        "STATE_DIR": str(state.resolve()),
        "MAILBOX": aws.mailbox,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "LOG_LEVEL": "WARNING",
    }
