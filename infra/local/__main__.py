"""Start the local stack, print its addresses, and stop it on request."""

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import NoReturn

from infra.local.child import Child, ChildFailedError
from infra.local.console import say
from infra.local.dynamodb_local import DynamoDBLocalMissingError
from infra.local.http_server import PortTakenError
from infra.local.options import BadOptionError, options
from infra.local.stack import bring_up
from infra.local.state import NoStateFolderError, StateInUseError

REASONS = (PortTakenError, BadOptionError, StateInUseError, NoStateFolderError, ChildFailedError, DynamoDBLocalMissingError)


def main() -> int:
    """Return the exit code."""
    _let_signals_interrupt()
    try:
        with ExitStack() as running:
            try:
                _stay(bring_up(options(os.environ), running))
            finally:
                _ignore_signals()
    except REASONS as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("\n  Ended. Everything is kept.")
        return 0


def _stay(children: Sequence[Child]) -> NoReturn:
    """Raise ChildFailedError when a required program has ended, and KeyboardInterrupt when the stack is stopped."""
    while True:
        time.sleep(0.5)
        for child in children:
            child.check()


def _let_signals_interrupt() -> None:
    """Treat SIGHUP and SIGTERM like Ctrl-C, also when a shell in the background ignores Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _ignore_signals() -> None:
    """Finish stopping, however often Ctrl-C is pressed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
