"""The state folder: all data of one local stack, used by one at a time."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TextIO

ENVIRONMENT = "environment.json"
REACHED_BY = ("AWS_", "ROLLBOOK_", "POWERTOOLS_", "NO_PROXY", "no_proxy")


class StateInUseError(Exception):
    """Another local stack runs on this state folder."""

    def __init__(self, folder: Path, owner: str) -> None:
        super().__init__(f"The state folder {folder} is in use by another local stack{owner}. Stop it, or choose another: ROLLBOOK_STATE=…")


class NoStateFolderError(Exception):
    """The state folder cannot be made or used."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"The state folder {folder} cannot be used ({why}). Choose another: ROLLBOOK_STATE=…")


@contextmanager
def exclusive_use(folder: Path, *, seconds: float = 0) -> Iterator[None]:
    """Hold the folder, made if it is new, for as long as the block runs; wait for it so many seconds. The lock dies with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "lock").touch()
    except OSError as error:
        raise NoStateFolderError(folder, error.strerror or type(error).__name__) from None
    deadline = time.monotonic() + seconds
    with (folder / "lock").open("a+") as lock:
        while not _locked(lock):
            if time.monotonic() >= deadline:
                lock.seek(0)
                raise StateInUseError(folder, _process(lock.read()))
            time.sleep(0.05)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _process(written: str) -> str:
    return f" (process {written})" if written.isdigit() else ""


@dataclass(slots=True)
class StackState:
    """The values that stay the same when the local stack starts again on the same folder."""

    link_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    emulator_port: int = 0
    """Part of the token issuer: sessions of signed-in people last as long as it stays the same."""
    user_pool: str = ""
    user_pool_client: str = ""


def read_state(folder: Path) -> StackState:
    """Return the state kept in the folder, or a new one."""
    return StackState(**(read_json(folder / "world.json") or {}))


def write_state(state: StackState, folder: Path) -> None:
    write_json(folder / "world.json", asdict(state))


def write_environment(folder: Path) -> None:
    """Note the environment of this process, by which a command of an operator reaches the running stack."""
    write_json(folder / ENVIRONMENT, {name: value for name, value in os.environ.items() if name.startswith(REACHED_BY)})


def running_environment(folder: Path) -> dict[str, str] | None:
    """Return the environment of the local stack that runs on the folder; None when none does."""
    noted = read_json(folder / ENVIRONMENT)
    if noted is None:
        return None
    try:
        with exclusive_use(folder):
            return None
    except StateInUseError:
        return dict(noted)


def read_json(path: Path) -> Any:
    """Return the content of the file; None when it is missing or incomplete."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def write_json(path: Path, content: Any) -> None:
    """Replace the whole file atomically: after a crash it has either the old content or the new."""
    new = path.with_suffix(".new")
    try:
        _write_private(new, json.dumps(content))
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_private(new, json.dumps(content))
    new.replace(path)


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    with open(path, "w", opener=partial(os.open, mode=0o600)) as file:
        file.write(text)
