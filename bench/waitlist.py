"""P19: joining a waitlist of 20 and of 2,000, and 50 spots freed at once until their 50 offers are written and mailed."""

import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from types import SimpleNamespace
from typing import NamedTuple

from bench.counting import counting
from bench.figures import Figure, at_most
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import reactions, waitlist
from chalicelib.operations.messages.mailer import Mailer
from chalicelib.operations.messages.ses import max_send_rate
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import Hold
from chalicelib.rules.waitlist import WaitlistEntry, place_at
from chalicelib.tables import dynamodb, keys, ledger
from chalicelib.tables import messages as messages_table
from chalicelib.tables.items import stored
from chalicelib.tables.waitlist.rows import entry_item

SPOTS, ROUNDS = 50, 40
MAILS_A_SECOND = 1000.0
"""The mail service's rate, so high that it is our own time that is measured."""


def figures() -> Iterator[Figure]:
    few, many = _joining(20), _joining(2000)
    yield at_most("P19", "joining a waitlist of 2,000: processor time to that of 20", many.seconds / few.seconds, 1.2, "×")
    yield at_most("P19", "joining a waitlist of 2,000: requests to those of 20", many.requests / few.requests, 1.2, "×")
    yield at_most("P19", "joining a waitlist of 2,000: read units to those of 20", many.read_units / few.read_units, 1.2, "×")
    for waiting in (200, 2000):
        yield from _offers(waiting)


class Join(NamedTuple):
    """What one more party costs, with the e-mail that confirms its place."""

    seconds: float
    """The median of the processor times."""
    requests: float
    read_units: float


def _joining(waiting: int) -> Join:
    session_id, spent = _full(waiting), list[float]()
    with counting() as count:
        for number in range(ROUNDS):
            draft = JoinInput(email=f"late{number}@example.org", name="A Parent")
            began = time.process_time()
            made = waitlist.join(ORG, session_id, draft, locale="en", key=f"late{number}", source=f"client{number}", now=now())
            reactions.waitlist_joined(made.entry, now=now())
            spent.append(time.process_time() - began)
    return Join(median(spent), count.requests / ROUNDS, count.read_units / ROUNDS)


def _offers(waiting: int) -> Iterator[Figure]:
    """Yield the time and the processor time of the offers, from the freed spots to the last e-mail that the mail service took."""
    session_id, sent = _full(waiting), list[object]()
    rate = {"SendQuota": {"MaxSendRate": MAILS_A_SECOND}}
    service = SimpleNamespace(send_email=lambda **request: _taken_by(sent, request), get_account=lambda: rate)
    patched, clients.ses = clients.ses, lambda: service  # type: ignore[assignment]
    max_send_rate.cache_clear()
    try:
        for number in range(SPOTS):
            ledger.release(ORG, session_id, f"before{number}", _taken(number), chunk=0)
        began, clock = time.process_time(), time.perf_counter()
        with counting() as count:
            assert waitlist.advance(ORG, session_id, now=now()) == SPOTS
            _mail(session_id)
        spent, took = time.process_time() - began, time.perf_counter() - clock
    finally:
        clients.ses = patched
        max_send_rate.cache_clear()
    assert len(sent) == SPOTS
    yield at_most("P19", f"{waiting:,} wait: 50 spots freed until 50 offers are mailed", took, 5, "s")
    yield at_most("P19", f"{waiting:,} wait: processor time of an offer", spent * 1000 / SPOTS, 60, "ms")
    yield at_most("P19", f"{waiting:,} wait: requests of an offer", count.requests / SPOTS, 10, "requests")


def _taken_by(sent: list[object], request: object) -> dict[str, str]:
    """Answer as the mail service does."""
    sent.append(request)
    return {"MessageId": str(len(sent))}


def _mail(session_id: str) -> None:
    """Queue and send the e-mail of each offer, as the streams do."""
    for id, hold in ledger.read(ORG, session_id)[0].holds.items():
        reactions.hold_added(ORG, session_id, id, hold, now=now())
    queued = messages_table.about_session(ORG, session_id, limit=2 * SPOTS, start=None)[0]
    assert Mailer(now).send_new([(ORG, message.id)] for message in queued) == {}


def _full(waiting: int) -> str:
    """Return a full session with this many parties on its waitlist, in the order in which they are written."""
    session_id, at = session(SPOTS), now() - timedelta(hours=1)
    for number in range(SPOTS):
        ledger.claim_with_full_ledger(ORG, session_id, f"before{number}", _taken(number), now=now())
    line = [
        WaitlistEntry(ORG, session_id, f"e{number:06d}", f"family{number}@example.org", "A Parent", 1, place_at(at) + number, at, "en")
        for number in range(waiting)
    ]
    rows = [entry_item(entry) for entry in line]
    rows += [{**keys.waitlist_address(ORG, session_id, entry.email).stored(), "entry": stored(entry.id)} for entry in line]
    for first in range(0, len(rows), dynamodb.MOST_WRITES):
        some = rows[first : first + dynamodb.MOST_WRITES]
        dynamodb.transact({"Put": {"TableName": config().rosters_table, "Item": row}} for row in some)
    assert ledger.recount_queue(ORG, session_id, ledger.read(ORG, session_id)[0], {1: waiting}, live=waiting)
    return session_id


def _taken(number: int) -> Hold:
    return Hold(spots=1, state="taken", nonce=f"before{number}")
