"""The clock gives each organisation and each kind of work its turn: large work delays no other."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.operations import date_reminders, orders
from chalicelib.operations.sessions import decide
from chalicelib.operations.turns import Turns
from chalicelib.rules import times
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.clock import Due
from chalicelib.tables.items import item
from chalicelib.tables.keys import Key
from tests.operations.simulated_queue import Sqs


def test_the_large_work_of_one_organisation_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its turn; what is left when the time is over waits for the next run."""
    done: list[str] = []
    second = iter(range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(second))

    def act(org: str, several: Sequence[Key]) -> int:
        done.extend([org] * len(several))
        return len(several)

    due = [Due("large", Key("large", str(number))) for number in range(5000)] + [Due("small", Key("small", "1"))]
    count = Turns(60).take("x", due, act, at_once=10)
    assert done[:20] == ["large"] * 10 + ["small"] + ["large"] * 9
    assert 100 < count < 5000


def settled(now: datetime, run: Turns, sqs: Sqs, _patch: pytest.MonkeyPatch) -> list[str]:
    orders.resolve_due(now=now, turns=run)
    return [json.loads(body)["org"] for body in sqs.waiting]


def noting(done: list[str]) -> Callable[..., int]:
    """Return work on a row that only notes its organisation."""

    def act(org: str, *_: Any) -> int:
        done.append(org)
        return 1

    return act


def decided(now: datetime, run: Turns, _sqs: Sqs, patch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    patch.setattr(decide, "_decide", noting(done))
    decide.decide_due(now=now, turns=run)
    return done


def reminded(now: datetime, run: Turns, _sqs: Sqs, patch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    patch.setattr(date_reminders, "_check_session", noting(done))
    date_reminders.remind_of_dates(now=now, leaves_at=now, turns=run)
    return done


@pytest.mark.parametrize(
    ("index", "place", "key", "work"),
    [
        ("due", keys.to_resolve(), keys.order, settled),
        ("due", keys.to_decide(), keys.session, decided),
        ("remind", keys.date_reminders(), keys.session, reminded),
    ],
)
def test_the_many_due_rows_of_a_large_organisation_delay_those_of_no_other(
    organisation: Organisation,
    sqs: Sqs,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    index: str,
    place: str,
    key: Callable[[str, str], Key],
    work: Callable[..., list[str]],
) -> None:
    """Those of the large one are older, and more than one run has time for."""
    for org, number in [*(("large", number) for number in range(150)), ("small", 1)]:
        at = times.written(now - timedelta(minutes=2 if org == "large" else 1))
        row = {**key(org, str(number)).stored(), **item({index: place, f"{index}_at": f"{at}#{org}#{number}"})}
        dynamodb.put_new(config().rosters_table, row)
    second = iter(range(1000))
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: next(second) / 10)
        queued = work(now, Turns(3), sqs, patch)
    assert 2 < len(queued) < 100
    assert queued[:2] == ["large", "small"]


def test_one_kind_of_work_leaves_time_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_of_run = iter(range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock_of_run))
    run, many = Turns(90), [Due("o", Key("o", str(number))) for number in range(500)]
    assert run.take("first", many, lambda *_: 1) >= 25
    assert run.take("second", many, lambda *_: 1) >= 15
