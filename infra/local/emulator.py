"""The embedded AWS, of which we use DynamoDB, its streams, SQS, S3 and Cognito: MiniStack in a process of its own."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.local.child import HOST, Child, free_port
from infra.local.state import exclusive_use

SAVING_SECONDS = 15
"""The longest time for which an emulator, after its parent was killed, may still save and hold its port."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """The embedded AWS, running."""

    child: Child
    port: int
    dynamodb_port: int

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def dynamodb(self) -> str:
        """The endpoint of DynamoDB and its streams. The other one has them too, but answers later."""
        return f"http://{HOST}:{self.dynamodb_port}"

    def issuer(self, user_pool: str) -> str:
        """Return the issuer in the pool's tokens; its keys are at `/.well-known/jwks.json` below."""
        return f"{self.endpoint}/{user_pool}"

    def stop(self) -> None:
        self.child.stop()


def start(state: Path, *, port: int = 0) -> Emulator:
    """Start it on the port, or on another when that one is taken, and return without waiting for it."""
    folder = state / "emulator"
    with exclusive_use(folder, seconds=SAVING_SECONDS):
        port, dynamodb_port = free_port(port), free_port()
    environment = {**_environment(port, folder), "DYNAMODB_PORT": str(dynamodb_port)}
    command = [sys.executable, "-m", "infra.local.ministack_process"]
    return Emulator(Child("The embedded AWS", command, environment=environment, log=state / "emulator.log"), port, dynamodb_port)


def _environment(port: int, folder: Path) -> dict[str, str]:
    """The emulator touches nothing else: no Docker, no brokers, no network beyond loopback, no real AWS account."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return ours | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder.resolve()),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str((folder / "files").resolve()),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "LOG_LEVEL": "ERROR",
    }
