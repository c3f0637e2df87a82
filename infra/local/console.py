"""The few lines that people see while the local stack runs. All other output goes to the log file in the state folder."""

import logging
import sys
from pathlib import Path

SCREEN = sys.stdout


def say(text: str = "") -> None:
    print(text, file=SCREEN, flush=True)


def keep_logs_in(path: Path) -> None:
    """Send the application's own output and all logging to the file; warnings and errors also print a line on the screen."""
    file = path.open("a", buffering=1)
    sys.stdout = file
    details = logging.StreamHandler(file)
    details.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    brief = logging.StreamHandler(SCREEN)
    brief.setLevel(logging.WARNING)
    brief.setFormatter(_Brief(path))
    ours = logging.getLogger("infra.local")
    ours.setLevel(logging.INFO)
    ours.addHandler(brief)
    logging.getLogger().addHandler(details)


class _Brief(logging.Formatter):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def format(self, record: logging.LogRecord) -> str:
        """Return the line alone; where there is a trace, say where to read it."""
        return f"  {record.getMessage()}" + (f" (see {self._path})" if record.exc_info else "")
