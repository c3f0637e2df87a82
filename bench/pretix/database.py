"""A PostgreSQL server of our own, reached through a socket in its folder only."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.pretix.programs import program
from infra.local.child import Child

OWNER = "postgres"
READY_SECONDS = 60


def create(folder: Path) -> None:
    """Create an empty cluster in the folder, which only its owner can read."""
    folder.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["chown", f"{OWNER}:", folder], check=True)
    command = [program("initdb"), "-D", str(folder / "data"), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(_as_owner(command), check=True, stdout=subprocess.DEVNULL, cwd="/")


def copy(cluster: Path, to: Path) -> None:
    """Copy a cluster that has stopped, with its owner."""
    subprocess.run(["cp", "--archive", cluster, to], check=True)


@contextmanager
def running(folder: Path, log: Path, settings: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Start the cluster's server, as Debian configures it but for the settings, and end it afterwards."""
    chosen = {"listen_addresses": "", "unix_socket_directories": str(folder), **(settings or {})}
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    command = [program("postgres"), "-D", str(folder / "data"), *options]
    server = Child("PostgreSQL", _as_owner(command), environment=os.environ, log=log)
    try:
        _wait_for(folder / ".s.PGSQL.5432", server)
        yield server
    finally:
        server.stop()


def add(folder: Path, name: str) -> None:
    """Create a database in a cluster that runs."""
    subprocess.run([program("createdb"), "-h", str(folder), "-U", OWNER, name], check=True)


def _as_owner(command: Sequence[str]) -> Sequence[str]:
    """Return the command as another user's, if we are root: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return command
    return [program("setpriv"), "--reuid", OWNER, "--regid", OWNER, "--init-groups", *command]


def _wait_for(socket: Path, server: Child) -> None:
    until = time.monotonic() + READY_SECONDS
    while not socket.exists():
        server.check()
        if time.monotonic() > until:
            raise TimeoutError("PostgreSQL does not answer.")
        time.sleep(0.1)
    time.sleep(0.5)
