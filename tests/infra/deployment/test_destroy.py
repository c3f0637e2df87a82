"""`destroy` deletes the configuration sets of the stage's organisations, and those of no other stage."""

import subprocess
import time
from functools import cache
from typing import Any

import pytest

from chalicelib import clients
from infra.__main__ import main
from infra.operation import configuration_sets

OWN = ["rollbook-test_demo", "rollbook-test_helvia"]
OTHERS = ["rollbook-test", "rollbook-test-2", "rollbook-test-2_demo", "rollbook-prod_demo", "newsletter"]


class Ses:
    """Configuration sets, listed two a page."""

    def __init__(self) -> None:
        self.sets = sorted(OWN + OTHERS)
        self.per_page = 2

    def list_configuration_sets(self, *, PageSize: int, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        first = int(NextToken)
        after = first + min(self.per_page, PageSize)
        more = {"NextToken": str(after)} if after < len(self.sets) else {}
        return {"ConfigurationSets": self.sets[first:after], **more}

    def delete_configuration_set(self, *, ConfigurationSetName: str) -> dict[str, Any]:  # noqa: N803
        self.sets.remove(ConfigurationSetName)
        return {}


@pytest.fixture
def ses(deployed: None, monkeypatch: pytest.MonkeyPatch) -> Ses:
    made = Ses()
    monkeypatch.setattr(clients, "ses", cache(lambda: made))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return made


@pytest.fixture
def exits(ses: Ses, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit codes of `chalice delete`, the next one first."""
    codes = [0, 0]
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: type("Done", (), {"returncode": codes.pop(0)}))
    return codes


def destroy(*words: str) -> int:
    return main(["destroy", "--stage", "test", *words])


def test_the_sets_of_its_organisations_go_with_a_stage(ses: Ses, exits: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert destroy("--yes") == 0
    assert ses.sets == sorted(OTHERS)
    assert "2 configuration sets of organisations" in capsys.readouterr().out


def test_nothing_goes_without_the_name_of_the_stage(ses: Ses, exits: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "prod")
    assert destroy() == 1
    assert len(exits) == 2
    assert ses.sets == sorted(OWN + OTHERS)


def test_sets_stay_where_functions_do_and_go_with_the_next_attempt(ses: Ses, exits: list[int]) -> None:
    exits[0] = 1
    assert destroy("--yes") == 1
    assert ses.sets == sorted(OWN + OTHERS)
    assert destroy("--yes") == 0
    assert ses.sets == sorted(OTHERS)


def test_an_interrupted_removal_goes_on(ses: Ses, exits: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    delete = configuration_sets.delete_set
    monkeypatch.setattr(configuration_sets, "delete_set", lambda name: delete(name) if name == OWN[0] else interrupt())
    with pytest.raises(KeyboardInterrupt):
        destroy("--yes")
    assert ses.sets == sorted([OWN[1], *OTHERS])
    monkeypatch.setattr(configuration_sets, "delete_set", delete)
    assert destroy("--yes") == 0
    assert ses.sets == sorted(OTHERS)


def interrupt() -> None:
    raise KeyboardInterrupt


def test_a_stage_that_is_not_there_is_said_so(ses: Ses, exits: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy", "--stage", "tset", "--yes"]) == 0
    assert "Is its name right" in capsys.readouterr().out
    assert len(exits) == 2, "Chalice is not asked"
