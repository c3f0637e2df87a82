"""The webhooks of an organisation are read once for a batch of records, however many entries of the audit log it brings."""

from collections.abc import Callable

from chalicelib.config import config
from chalicelib.events import audit, rosters
from chalicelib.rules.actor import CLOCK
from chalicelib.rules.sessions import Session
from chalicelib.tables.actor import acting
from tests.operations.request_counter import counted
from tests.operations.simulated_aws import Stream
from tests.operations.webhooks.conftest import Line


def test_a_batch_reads_the_webhooks_once_and_tells_them_everything(line: Line, open_session: Callable[..., Session]) -> None:
    changes, entries = Stream(config().rosters_table), Stream(config().records_table)
    entries.read()
    with acting(CLOCK):
        for number in range(5):
            open_session(id=f"s{number}")
    rosters.handle({"Records": changes.read()}, clock=line.clock)
    batch = entries.read()
    with counted() as counts:
        assert audit.handle({"Records": batch}, clock=line.clock) == {"batchItemFailures": []}
    assert counts["Query"] == 1
    told = {(delivery.event, delivery.subject.id) for delivery in line.log()}
    assert told == {("session.created", f"s{number}") for number in range(5)}
