"""R3 for the waitlist: whatever people do, with deaths, lost replies and passes that overlap, it is what a simple model says it must be."""

import os
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.events import rosters as handlers
from chalicelib.settings import settings as app_settings
from chalicelib.tables import keys, requests
from tests.live.ledger import tally
from tests.live.ledger.scene import ORG, open_session
from tests.live.ledger.wire import on_the_wire
from tests.live.waitlist.machine import ATTENDED, RULES, RUNS, STREAM, TEMPLATE, note_writes
from tests.live.waitlist.people import Line
from tests.live.waitlist.scene import Stream, quiet, without_pauses

pytestmark = pytest.mark.live
EXAMPLES = 100 if os.environ.get("CI") else 40
STEPS = 6


def test_the_waitlist_is_what_a_simple_model_says(stage: str, small_chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    without_pauses(monkeypatch)
    monkeypatch.setattr(handlers, "waitlist", Collecting())
    header = requests.get(app_settings().rosters_table, keys.session(ORG, open_session(1)))
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
    tally.say("model of the waitlist: " + ", ".join(f"{count} {what}" for what, count in RUNS.items()))


class Collecting:
    """Notes that the handlers would attend, which is done once when all records are handed over."""

    def attend(self, org: str, session: str, *, now: Any) -> None:
        ATTENDED.append(session)
