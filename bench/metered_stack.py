"""`python -m bench.metered_stack`: a local stack that notes the processor time of the application's functions, as AWS would run them.

What else is in the same process is left out: the web server, and what reads streams and queues, which AWS has of its own.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from infra.local import __main__, gateway, stack

FILE = "functions"


class Meter:
    """Adds up the processor seconds of calls, in any thread, and keeps the sum in a file."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT)
        self._spent = 0.0
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._add(0)

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the work, metered. A metered call within another one counts once."""

        def metered(*arguments: Any) -> Any:
            if getattr(self._thread, "is_metered", False):
                return work(*arguments)
            self._thread.is_metered, began = True, time.thread_time()
            try:
                return work(*arguments)
            finally:
                self._thread.is_metered = False
                self._add(time.thread_time() - began)

        return metered

    def _add(self, seconds: float) -> None:
        with self._lock:
            self._spent += seconds
            os.pwrite(self._file, f"{self._spent:020.6f}".encode(), 0)


def spent(folder: Path) -> float:
    """Return the processor seconds of the functions of the stack that runs on the folder."""
    return float((folder / FILE).read_text())


def main() -> int:
    folder = Path(os.environ["ROLLBOOK_STATE"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    meter = Meter(folder / FILE)
    gateway.Gateway._result = meter.around(gateway.Gateway._result)  # type: ignore[method-assign]
    stack._invoke, stack._open = meter.around(stack._invoke), partial(_open_metered, meter, stack._open)
    return __main__.main()


def _open_metered(meter: Meter, really: Callable[..., None], *arguments: Any) -> None:
    """Meter the threads of the mailer too. It is imported where the application is, once the environment is the stack's."""
    from chalicelib.operations.messages.mailer import Mailer

    Mailer._attempt_each = meter.around(Mailer._attempt_each)  # type: ignore[method-assign]
    really(*arguments)


if __name__ == "__main__":
    sys.exit(main())
