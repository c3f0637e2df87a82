"""The operator's commands, each in a forked copy of one process that has imported them, as fresh as a process of its own.

To import boto3 and the application anew takes longer than what most commands do. The process runs this file in the deployed copy of the
project, and so imports that copy's modules.
"""

import json
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

SERVICES = ("apigateway", "cloudformation", "cognito-idp", "dynamodb", "events", "iam", "lambda", "logs", "sesv2", "sns", "sqs", "sts")
"""Whose clients are there before the first command."""
SECONDS = 900
START = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
Ran = subprocess.CompletedProcess[str]


class Commands:
    """Runs `python -m infra` for the tests of one deployment, until it is closed."""

    def __init__(self, python: str, project: Path, environment: Mapping[str, str]) -> None:
        command = [python, "-c", START, __file__]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=project, env=dict(environment), stdin=pipe, stdout=pipe, text=True, bufsize=1)
        self._output = project.parent / "said"

    def run(self, *words: str) -> Ran:
        """Run a command, and return its status and what it printed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([str(self._output), *words]) + "\n")
        answered, _, _ = select.select([self._process.stdout], [], [], SECONDS)
        assert answered, f"{words} has not ended in {SECONDS} s"
        status = int(self._process.stdout.readline())
        said, complained = (self._output.with_suffix(f".{name}").read_text() for name in (1, 2))
        return Ran(["infra", *words], status, said, complained)

    def close(self) -> None:
        self._process.communicate(timeout=30)


def serve() -> None:
    """Run a forked copy for each line, and answer with its exit status."""
    from infra import __main__ as infra
    from infra import commands
    from infra.deployment.clients import client

    assert dict(commands.every()), "they are imported here, once for all"
    for service in SERVICES:
        client(service)  # type: ignore[call-overload]
    for line in sys.stdin:
        output, *words = json.loads(line)
        child = os.fork()
        if not child:
            _run(infra.main, words, Path(output))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _run(main: Callable[[list[str]], int], words: Sequence[str], output: Path) -> NoReturn:
    """Run a command as this process, which ends with its status."""
    for number in (1, 2):
        os.dup2(os.open(output.with_suffix(f".{number}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    status = 1
    try:
        status = main([*words])
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
