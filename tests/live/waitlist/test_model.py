"""R3 for the waitlist: after any sequence of actions, crashes, lost replies and overlapping passes, it matches a simple model."""

import os
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.config import config as app_settings
from chalicelib.events import rosters as handlers
from chalicelib.operations.waitlist import Waitlists, stream_batch
from chalicelib.tables import dynamodb, keys
from tests.live.ledger import race_report
from tests.live.ledger.network_faults import on_the_wire
from tests.live.ledger.scenario import ORG, open_session
from tests.live.waitlist.actors import Line
from tests.live.waitlist.scenario import Stream, quiet, without_pauses
from tests.live.waitlist.state_machine import ADVANCED, RULES, RUNS, STREAM, TEMPLATE, note_writes

pytestmark = pytest.mark.live
INDEXES = {"due"}
EXAMPLES = 100 if os.environ.get("CI") else 40
STEPS = 6


def test_the_waitlist_matches_the_model(stage: str, small_chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    without_pauses(monkeypatch)
    monkeypatch.setattr(handlers, "waitlist", Collecting())
    monkeypatch.setattr(stream_batch, "advance", Collecting().advance)
    header = dynamodb.get(app_settings().rosters_table, keys.session(ORG, open_session(1)))
    assert header
    STREAM[:], TEMPLATE[:], RULES[:] = [Stream()], [header], []
    RUNS.update(dict.fromkeys(RUNS, 0))
    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        print_blob=True,
        report_multiple_bugs=False,
    )
    with on_the_wire(note_writes):
        run_state_machine_as_test(Line, settings=settings)
    race_report.say("model of the waitlist: " + ", ".join(f"{count} {what}" for what, count in RUNS.items()))


class Collecting:
    """Records the calls to advance, which are made once after all records are passed on."""

    Waitlists = Waitlists

    def advance(self, org: str, session: str, *, now: Any) -> int:
        ADVANCED.append(session)
        return 0
