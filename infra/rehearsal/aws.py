"""The running stand-in: MiniStack with permissions enforced, and the mailbox for the e-mails of its functions."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local import simulator
from infra.local.child import HOST, Child, free_port
from infra.local.gateway import STARTING
from infra.local.http_server import Server
from infra.local.mailbox.emails import Letter
from infra.local.mailbox.mail_store import MailStore
from infra.local.mailbox.server import Mailbox

REGION = "eu-central-1"
ACCOUNT = "210987654321"
START_SECONDS = 30
LOG = "aws.log"
"""The name of the log in the folder of its files."""
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG")
"""The variables of the stand-in's environment that functions may see."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What AWS allows an account, unless it is new or AWS has raised it."""

    concurrency: int = 1000
    """Functions that run at once."""
    configuration_sets: int = 10_000
    """Of SES."""
    pause: float = 1.0
    """Seconds between two requests about configuration sets."""
    verification: float = 0.0
    """Seconds until SES has verified an identity."""
    sandbox: bool = False
    """Whether SES sends to verified addresses only, until access to production is asked for."""


USUAL = Limits()
NEW_ACCOUNT = Limits(concurrency=10, verification=60, sandbox=True)


@dataclass(frozen=True, slots=True)
class Aws:
    """The addresses of the stand-in."""

    port: int
    mailbox: str
    """The address of the mailbox; for every port, 0 means any free one."""

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment that makes an AWS client call the stand-in, with all permissions."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "test",  # The stand-in checks signatures against this secret.
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, config: Config | None = None) -> Any:
        """Return the client of a service, with all permissions."""
        return _client(self, service, config)


@cache
def _client(aws: Aws, service: str, config: Config | None) -> Any:
    key, secret, region = (aws.environment[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION"))
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
    return session.client(service, endpoint_url=aws.endpoint, config=config)  # type: ignore[call-overload]


@contextmanager
def running(state: Path, *, port: int = 0, mail_port: int = 0, limits: Limits = USUAL, python: str = sys.executable) -> Iterator[Aws]:
    """Start the stand-in with its files in a folder, on a Python that also runs its functions, and stop it at the end of the block."""
    state.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stopping:
        post = Server(mail_port, lambda _: STARTING)
        aws = Aws(free_port(port), post.url)
        post.handler = Mailbox(MailStore(state / "mail.jsonl"), rollbook=post.url, taken=partial(_tell, aws))
        post.begin()
        stopping.callback(post.end)
        command = [python, "-m", "infra.rehearsal.ministack_process"]
        child = Child("The stand-in for AWS", command, environment=_environment(aws, state, limits), log=state / LOG)
        stopping.callback(child.stop)
        child.wait_for_port(aws.port, seconds=START_SECONDS)
        yield aws


def _tell(aws: Aws, letter: Letter) -> None:
    """Put the events of SES about the simulator's addresses on the event bus."""
    simulator.send_event(letter, lambda event: aws.client("events").put_events(Entries=[_as_put(event)]))


def _as_put(event: dict[str, Any]) -> dict[str, Any]:
    return {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}


def _environment(aws: Aws, state: Path, limits: Limits) -> dict[str, str]:
    """Permissions are enforced; no Docker, no brokers, no network beyond loopback, no saved state."""
    return {name: value for name, value in os.environ.items() if name in PASSED_ON} | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(aws.port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AUTH": "true",
        "LAMBDA_ACCOUNT_CONCURRENCY": str(limits.concurrency),
        "MOST_CONFIGURATION_SETS": str(limits.configuration_sets),
        "PAUSE_OF_CONFIGURATION_SETS": str(limits.pause),
        "SECONDS_TO_VERIFY": str(limits.verification),
        "SANDBOX": str(int(limits.sandbox)),
        "STATE_DIR": str(state.resolve()),
        "MAILBOX": aws.mailbox,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "LOG_LEVEL": "WARNING",
    }
