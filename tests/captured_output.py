"""All output of the application besides its answers: the log records of all loggers with all their fields, metrics, standard output."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chalicelib import telemetry


class _Everything(logging.Formatter):
    """Formats a log record with all its fields, including those that a log line leaves out."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {vars(record)}"


@contextmanager
def written_down(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Yield a function that returns all output so far."""
    kept = io.StringIO()
    everything = logging.StreamHandler(kept)
    everything.setFormatter(_Everything())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(everything)
    root.setLevel(logging.INFO)
    telemetry.logger.setLevel(logging.INFO)
    monkeypatch.setattr(telemetry.logger.registered_handler, "stream", kept)
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    yield lambda: kept.getvalue() + "".join(capfd.readouterr())
    root.removeHandler(everything)
    root.setLevel(level)
