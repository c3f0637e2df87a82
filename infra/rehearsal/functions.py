"""Functions under Lambda's conditions: only their package and boto3, active at once, limited concurrency; and their streams."""

import io
import os
import sys
import threading
import time
from collections import defaultdict
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from infra.deployment.wheels import OF_THE_RUNTIME
from infra.rehearsal.deliveries import deliver

AT_A_TIME = 4
"""The most concurrent processes of one function: each starts cold, and this is one computer."""
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
OF_ITS_PACKAGE_ONLY = (
    "import os, sys\nsys.path[:] = [folder for folder in sys.path if 'site-packages' not in folder] + [os.environ['OF_THE_RUNTIME']]\n"
)


def start_functions_quickly(endpoint: str) -> None:
    """Unpack a package once, without waiting, and give a function only the environment of Lambda."""
    lambda_runtime._PYTHON_WORKER_SCRIPT = OF_ITS_PACKAGE_ONLY + lambda_runtime._PYTHON_WORKER_SCRIPT
    os.environ["OF_THE_RUNTIME"] = _runtime(Path(os.environ["STATE_DIR"], "runtime"))
    lambda_runtime.zipfile = SimpleNamespace(ZipFile=Unpacked)
    lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.003, 0.002, 0.25)
    _become_active_at_once()
    _spawn_with_environment(endpoint)
    _execute_few_at_a_time()


def _become_active_at_once() -> None:
    become_active = lambda_svc._schedule_state_transition

    def at_once(name: str, _seconds: float) -> None:
        become_active(name, 0)
        config = lambda_svc._functions[name]["config"]
        while "Pending" in config.values() or "InProgress" in config.values():
            time.sleep(0.001)

    lambda_svc._schedule_state_transition = at_once


def _spawn_with_environment(endpoint: str) -> None:
    """Start workers from the unpacked package, with the issuer of the user pool's tokens."""
    spawn = lambda_runtime.Worker._spawn

    def spawn_with_issuer(worker: Any) -> None:
        _check_runtime(worker.config["Runtime"])
        pool = worker.config.get("Environment", {}).get("Variables", {}).get("ROLLBOOK_USER_POOL", "")
        os.environ["ROLLBOOK_TOKEN_ISSUER"] = f"{endpoint}/{pool}"
        package, worker.code_zip = worker.code_zip, _unpacked(worker.code_zip, worker.config["CodeSha256"])
        try:
            spawn(worker)
        finally:
            worker.code_zip = package

    lambda_runtime.Worker._spawn = spawn_with_issuer


def _execute_few_at_a_time() -> None:
    execute = lambda_svc._execute_function_warm
    semaphores: dict[str, threading.Semaphore] = defaultdict(partial(threading.Semaphore, AT_A_TIME))

    def execute_when_free(func: dict[str, Any], event: Any, request_id: str) -> Any:
        with semaphores[func["config"]["FunctionName"]]:
            return execute(func, event, request_id)

    lambda_svc._execute_function_warm = execute_when_free


def _check_runtime(named: str) -> None:
    """Run a function on no other Python than the one that it names: its package was built for that."""
    if named != RUNTIME:
        raise RuntimeError(f"The function names {named}, and this is {RUNTIME}")


def _runtime(folder: Path) -> str:
    folder.mkdir()
    for name in OF_THE_RUNTIME:
        origin = Path(str(getattr(find_spec(name), "origin", "")))
        found = origin.parent if origin.name == "__init__.py" else origin
        (folder / found.name).symlink_to(found)
    return str(folder)


def _unpacked(package: bytes, digest: str) -> bytes:
    """Unpack a package, unless that was done, and return the folder of its content, which MiniStack writes where it unpacks it from."""
    content = Path(os.environ["STATE_DIR"], "packages", digest.replace("/", "-"))
    with _unpacking:
        if not content.exists():
            ZipFile(io.BytesIO(package)).extractall(content)
    return bytes(content)


class Unpacked:
    """A file that names the folder of a package: its content is the same files for all who run it."""

    def __init__(self, named: str) -> None:
        self._content = Path(Path(named).read_text())

    def __enter__(self) -> "Unpacked":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def extractall(self, path: str) -> None:
        for part in self._content.iterdir():
            Path(path, part.name).symlink_to(part)


_unpacking = threading.Lock()


def apply_stream_mapping_settings() -> None:
    """Retry, split and set aside as the mapping of a stream says; MiniStack knows the age of records only."""
    poll, execute = lambda_svc._poll_dynamodb_streams, lambda_svc._execute_function
    polling = threading.local()

    def poll_streams() -> Any:
        polling.now = True
        try:
            return poll()
        finally:
            polling.now = False

    def execute_function(func: dict[str, Any], event: Any) -> Any:
        if not getattr(polling, "now", False):
            return execute(func, event)
        polling.now = False
        try:
            return deliver(_mapping(func, event), event["Records"], partial(_run, execute, func), partial(_set_aside, func))
        finally:
            polling.now = True

    lambda_svc._poll_dynamodb_streams, lambda_svc._execute_function = poll_streams, execute_function


def _mapping(func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    source, name = event["Records"][0]["eventSourceARN"], func["config"]["FunctionName"]
    mappings: list[dict[str, Any]] = [mapping for _, _, mapping in lambda_svc._iter_all_esms()]
    return next(mapping for mapping in mappings if (mapping["EventSourceArn"], mapping["FunctionName"]) == (source, name))


def _run(execute: Any, func: dict[str, Any], records: list[Any]) -> Any:
    return execute(func, {"Records": records})


def _set_aside(func: dict[str, Any], mapping: dict[str, Any], records: list[Any], result: Any) -> None:
    source = mapping["EventSourceArn"]
    lambda_svc._send_ddb_stream_failure_record(mapping, func, records, source, result, "RetryAttemptsExhausted")
