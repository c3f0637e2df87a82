"""R2: the reply to any one request of a deed is lost, and botocore asks again: the deed is done once and whole, and nobody is told no."""

import pytest

from tests.live.ledger import tally
from tests.live.ledger.deeds import DEEDS, prepared
from tests.live.ledger.scene import assert_lawful, holds_of, spots_of
from tests.live.ledger.wire import counted, reply_lost

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_whose_reply_is_lost_is_done_all_the_same(name: str) -> None:
    deed = DEEDS[name]
    session, subject = prepared(deed)
    with counted() as counts:
        deed.do(session, subject)
    done, holds = spots_of(session, deed.when), len(holds_of(session))
    for step in range(1, counts.total() + 1):
        session, subject = prepared(deed)
        with reply_lost(step):
            deed.do(session, subject)
        assert (spots_of(session, deed.when), len(holds_of(session))) == (done, holds), f"request {step}"
        assert_lawful(session)
    tally.say(f"the reply to each of {counts.total()} requests lost: {name}: done once")
