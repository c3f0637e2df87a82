"""R2: the reply to any one request of an action is lost, and botocore retries: the action is done exactly once and succeeds."""

import pytest

from tests.live.ledger import race_report
from tests.live.ledger.actions import ACTIONS, prepared
from tests.live.ledger.network_faults import counted, reply_lost
from tests.live.ledger.scenario import assert_lawful, holds_of, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]
INDEXES = {"due"}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_whose_reply_is_lost_is_done_once(name: str) -> None:
    action = ACTIONS[name]
    session, subject = prepared(action)
    with counted() as counts:
        action.do(session, subject)
    done, holds = spots_of(session, action.when), len(holds_of(session))
    for step in range(1, counts.total() + 1):
        session, subject = prepared(action)
        with reply_lost(step):
            action.do(session, subject)
        assert (spots_of(session, action.when), len(holds_of(session))) == (done, holds), f"request {step}"
        assert_lawful(session)
    race_report.say(f"the reply to each of {counts.total()} requests lost: {name}: done once")
