"""P1. The waitlist: how many requests joining it asks of DynamoDB, and offers of freed spots."""

from collections import Counter
from datetime import datetime

import pytest

from chalicelib.events import rosters
from chalicelib.events.records import RecordChange
from chalicelib.operations import waitlist
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.waitlist import stream_batch
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import dynamodb, keys
from chalicelib.tables import waitlist as entries
from tests.live.ledger.scenario import NOW, ORG, named, open_session, registered, sell_out
from tests.operations.request_counter import counted

pytestmark = pytest.mark.usefixtures("tables")


def test_who_joins_the_waitlist_of_a_large_full_session_reads_no_ledger() -> None:
    session = open_session(500)
    sell_out(session)
    with pytest.raises(SessionFull):
        registered(session)
    with counted() as counts:
        waitlist.join(ORG, session, JoinInput(email="ana@example.org", name="Ana", spots=1), locale="en", key="k", now=NOW)
    assert counts["Query"] <= 1, "the position in line"


def test_waiting_takes_three_and_an_offer_nine() -> None:
    """An offer is rare, and made behind the scenes: it looks, makes it, and looks again whether anything is left."""
    session = open_session(1)
    registration = registered(session).registration.id
    with counted() as counts:
        waitlist.join(ORG, session, JoinInput(email="w@example.org", name="W"), locale="en", key="w", now=NOW)
    assert counts == {"BatchGetItem": 2, "TransactWriteItems": 1}
    remove_registration(ORG, named(session, registration), by="owner", now=NOW)
    with counted() as counts:
        assert waitlist.advance(ORG, session, now=NOW) == 1
    assert counts == {"Query": 4, "GetItem": 2, "BatchGetItem": 2, "TransactWriteItems": 1}


def test_a_stranger_who_waits_takes_four() -> None:
    """What is counted of a stranger is one transaction: client, mailbox, domain and two counts of e-mails."""
    session = open_session(1)
    registered(session)
    for number in range(3):
        draft = JoinInput(email=f"w{number}@example.org", name="W")
        with counted() as counts:
            waitlist.join(ORG, session, draft, locale="en", key=draft.email, source="192.0.2.1", now=NOW)
        assert counts == {"BatchGetItem": 2, "TransactWriteItems": 2}


def test_many_offers_take_one_transaction_each_and_few_reads() -> None:
    """One transaction holds the spots, writes the offer and queues its e-mail; the addresses are read together."""
    session, spots = open_session(60), 60
    taken = [registered(session).registration.id for _ in range(spots)]
    for number in range(spots):
        draft = JoinInput(email=f"w{number}@example.org", name="W")
        waitlist.join(ORG, session, draft, locale="en", key=f"w{number}", now=NOW)
    for id in taken:
        remove_registration(ORG, named(session, id), by="owner", now=NOW)
    with counted() as counts:
        assert waitlist.advance(ORG, session, now=NOW) == spots
    assert counts["TransactWriteItems"] == spots
    assert counts.total() - spots <= 16, counts


def test_a_batch_of_records_advances_a_waitlist_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session, looks = open_session(3), Counter[str]()
    taken = [registered(session).registration.id for _ in range(3)]
    waitlist.join(ORG, session, JoinInput(email="w@example.org", name="W", spots=3), locale="en", key="w", now=NOW)

    def look(org: str, of: str, *, now: datetime) -> int:
        looks[of] += 1
        return waitlist.advance(org, of, now=now)

    monkeypatch.setattr(stream_batch, "advance", look)
    records = [_freed(session, id) for id in taken]
    waitlists = waitlist.Waitlists()
    for record in records:
        rosters.react(record, now=NOW, waitlists=waitlists)
    assert looks == {session: 1}
    assert [entry.status for entry in entries.list_entries(ORG, session)] == ["offered"], "the first look finds what all of them freed"
    for record in records:
        rosters.react(record, now=NOW)
    assert looks == {session: 4}, "records of batches of their own"


def _freed(session: str, registration: str) -> RecordChange:
    """Remove a registration, and return the record of the ledger."""
    table, key = "rollbook-test-rosters", keys.chunk(ORG, session, 0)
    before = dynamodb.get(table, key)
    remove_registration(ORG, named(session, registration), by="owner", now=NOW)
    return RecordChange(before, dynamodb.get(table, key))
