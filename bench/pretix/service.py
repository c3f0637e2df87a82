"""pretix with what its documentation recommends: gunicorn, a celery worker, PostgreSQL and redis, all on this computer only."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.pretix import database, mail_sink, programs
from bench.pretix.mail_sink import MailSink
from infra.local.child import HOST, Child, free_port

WORKERS = 2 * (os.cpu_count() or 1)
"""Of gunicorn, each of which answers one request at a time; celery starts as many as there are cores."""
OPTIONS = ("--max-requests", "1200", "--max-requests-jitter", "50", "--timeout", "300")
"""A worker is replaced after so many requests; on a busy computer, it may be silent for longer than usual."""
READY_SECONDS = 120
NAME = "pretix"


@dataclass(frozen=True)
class Service:
    """A pretix that runs, and the sink that takes its e-mails."""

    url: str
    sink: MailSink
    children: dict[str, Child]

    @property
    def processes(self) -> Sequence[int]:
        """The programs of pretix, without the processes of ours that end them with us."""
        return [one for child in self.children.values() for one in list(processes.family([child.process]))[1:2]]


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """Start pretix with an empty database in the folder, and end it afterwards. Raises PackageMissingError."""
    folder.mkdir()
    python, cluster = programs.python(), programs.HOME / "cluster"
    if not cluster.exists():
        _migrate(folder / "first")
    database.copy(cluster, folder / "cluster")
    with ExitStack() as everything:
        settings = everything.enter_context(_settings(folder))
        children = {"PostgreSQL": everything.enter_context(database.running(folder / "cluster", folder / "postgresql.log"))}
        children["redis"] = everything.enter_context(_redis(settings.redis_port, folder))
        web = [python, "-m", "gunicorn", "pretix.wsgi", "--bind", f"{HOST}:{settings.port}", "--workers", WORKERS, *OPTIONS]
        children["gunicorn"] = everything.enter_context(_program("gunicorn", web, folder))
        worker = [python, "-m", "celery", "-A", "pretix.celery_app", "worker", "--loglevel", "warning"]
        children["celery"] = everything.enter_context(_program("celery", worker, folder))
        children["gunicorn"].wait_for_port(settings.port, seconds=READY_SECONDS)
        yield Service(f"http://{HOST}:{settings.port}", settings.sink, children)


@dataclass(frozen=True)
class _Settings:
    port: int
    redis_port: int
    sink: MailSink


@contextmanager
def _settings(folder: Path) -> Iterator[_Settings]:
    """Start a sink, and write pretix's configuration into the folder."""
    with mail_sink.running() as sink:
        found = _Settings(free_port(), free_port(), sink)
        redis = f"redis://{HOST}:{found.redis_port}"
        written = ConfigParser()
        written.read_dict(
            {
                "pretix": {"url": f"http://{HOST}:{found.port}", "datadir": str(folder / "data"), "ecb_rates": "off"},
                "database": {"backend": "postgresql", "name": NAME, "user": database.OWNER, "host": str(folder / "cluster")},
                "mail": {"from": "tickets@example.org", "host": HOST, "port": str(sink.port)},
                "redis": {"location": f"{redis}/0", "sessions": "true"},
                "celery": {"backend": f"{redis}/1", "broker": f"{redis}/2"},
            }
        )
        (folder / "data").mkdir()
        with (folder / "pretix.cfg").open("w") as file:
            written.write(file)
        yield found


def _migrate(folder: Path) -> None:
    """Keep a cluster with pretix's empty tables: its migrations take minutes, and are no part of the comparison."""
    folder.mkdir()
    database.create(folder / "cluster")
    unsafe = {"fsync": "off", "full_page_writes": "off"}
    with _settings(folder) as settings, _redis(settings.redis_port, folder), database.running(folder / "cluster", folder / "log", unsafe):
        database.add(folder / "cluster", NAME)
        command: Sequence[str | Path] = [programs.python(), "-m", "pretix", "migrate", "--verbosity", "0"]
        subprocess.run(command, check=True, cwd=folder, env=_environment(folder), stdout=subprocess.DEVNULL)
    database.copy(folder / "cluster", programs.HOME / "cluster.new")
    (programs.HOME / "cluster.new").rename(programs.HOME / "cluster")
    shutil.rmtree(folder)


@contextmanager
def _redis(port: int, folder: Path) -> Iterator[Child]:
    command = [programs.program("redis-server"), "--bind", HOST, "--port", port, "--dir", folder]
    with _program("redis", command, folder) as child:
        child.wait_for_port(port, seconds=READY_SECONDS)
        yield child


@contextmanager
def _program(name: str, command: Sequence[object], folder: Path) -> Iterator[Child]:
    child = Child(name, ["env", "-C", str(folder), *map(str, command)], environment=_environment(folder), log=folder / f"{name}.log")
    try:
        yield child
    finally:
        child.stop()


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing of ours is left but where programs are found."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "PRETIX_CONFIG_FILE": str(folder / "pretix.cfg")}
