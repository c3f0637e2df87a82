"""All spots of a bulk invitation are held or none, while others book: two jobs of which one fits, and single bookings in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from importlib import import_module
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.events.jobs import WORK
from chalicelib.operations import bulk_invitations, jobs
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.ledger import Chunk, SessionFull
from chalicelib.tables import ledger
from tests.live.ledger.fault_injection import Patch
from tests.live.ledger.invariants import Watch
from tests.live.ledger.scenario import NOW, ORG, assert_lawful, fresh, invited, open_session, spots_of

reservations = import_module("chalicelib.tables.ledger.reservations")
pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]
SPOTS, LIST, ROUNDS = 14, 8, 2


class Queue:
    def send_message(self, **_: Any) -> None:
        """Drop the message: the test runs the steps itself."""


@pytest.fixture(autouse=True)
def _queue(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue()
    monkeypatch.setattr(clients, "sqs", cache(lambda: queue))


def start(session: str, name: str) -> str:
    """Invite a list in bulk. Return the job, empty when the session was too full."""
    emails = [f"{name}{number}@example.org" for number in range(LIST)]
    draft = BulkInvitationInput.model_validate({"emails": emails, "mode": "all"})
    try:
        return bulk_invitations.invite_many(ORG, session, draft, by="staff", key=name, now=NOW)
    except SessionFull:
        return ""


def book(session: str) -> bool:
    try:
        invited(session)
    except SessionFull:
        return False
    return True


def race() -> list[str]:
    """Let two lists and three single invitations race for a session that has room for one list. Return what is wrong."""
    session = open_session(SPOTS)
    with ThreadPoolExecutor(5) as pool, Watch(session, may_owe=False) as watch:
        lists = [pool.submit(start, session, fresh("list")) for _ in range(2)]
        singles = [pool.submit(book, session) for _ in range(3)]
        begun, booked = [job for one in lists if (job := one.result())], sum(one.result() for one in singles)
    wrong = list(watch.breaches)
    if len(begun) != 1 or booked != 3:
        wrong.append(f"{len(begun)} lists and {booked} single ones in {SPOTS} spots")
    for job in begun:
        with ThreadPoolExecutor(2) as pool:
            while jobs.read_job(ORG, job).open:
                # Each step is delivered twice, at the same time.
                list(pool.map(lambda _, job=job: jobs.run_step(ORG, job, WORK, now=NOW), range(2)))
        if failures := jobs.read_job(ORG, job).failures:
            wrong.append(f"reserved and not invited: {failures}")
    live = [view.invitation.email for view in read_roster(ORG, session, now=NOW).invitations if view.is_live]
    if len(live) != len(set(live)) or len(live) != booked + LIST * len(begun) or spots_of(session).held != len(live):
        wrong.append(f"{len(live)} invitations, {spots_of(session)}")
    if not wrong:
        assert_lawful(session)
    return wrong


@pytest.fixture
def both_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both lists read the ledger before either of them writes. A later attempt of one alone waits for nobody."""
    together, numbers, read = Barrier(2), count(), ledger.ready_chunks

    def with_retries(*arguments: str, now: datetime) -> list[Chunk] | None:
        chunks = read(*arguments, now=now)
        if next(numbers) < 2:
            together.wait(timeout=60)
        return chunks

    monkeypatch.setattr(ledger, "ready_chunks", with_retries)


def test_a_list_has_all_its_spots_or_none_in_a_race() -> None:
    assert [wrong for _ in range(ROUNDS) if (wrong := race())] == []


def test_a_list_has_all_its_spots_or_none_after_both_have_read(both_read: None) -> None:
    assert race() == []


def test_the_race_notices_a_reservation_without_its_condition(monkeypatch: Patch, both_read: None) -> None:
    monkeypatch.setattr(reservations, "ENOUGH_SPOTS", "attribute_exists(#spots)")
    monkeypatch.setattr(reservations, "CAP_AS_READ", "attribute_exists(#cap)")
    assert race()
