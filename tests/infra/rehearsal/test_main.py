"""Starting the stand-in for AWS by hand: what cannot work is said in a sentence."""

import socket
from pathlib import Path

import pytest

from infra.local.child import ChildFailedError
from infra.rehearsal import __main__ as rehearsal
from infra.rehearsal.aws import LOG


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert rehearsal.main(["--mail-port", str(port)]) == 1
    assert f"--mail-port {port + 1}" in capsys.readouterr().err


def test_a_python_without_the_stand_in(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(rehearsal, "find_spec", lambda _name: None)
    assert rehearsal.main([]) == 1
    assert "make .venv/local" in capsys.readouterr().err


def test_a_stand_in_that_fails_shows_the_end_of_its_log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(state: Path, **_options: int) -> None:
        (state / LOG).write_text("ImportError: no module\n")
        raise ChildFailedError("The stand-in for AWS has ended.")

    monkeypatch.setattr(rehearsal, "_run", fails)
    assert rehearsal.main([]) == 1
    assert "ImportError: no module" in capsys.readouterr().err
