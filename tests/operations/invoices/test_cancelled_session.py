"""The open invoices of a cancelled session: credited if staff say so, and nothing is to be paid for them either way."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.operations import cancellation, replay
from chalicelib.operations.invoices import correct, read_by_number
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.money import Money
from chalicelib.rules.sessions import Session
from chalicelib.tables import credit_notes as rows
from tests.operations.invoices.test_credit_notes import counted, paid
from tests.operations.invoices.test_issue import added, stands
from tests.operations.simulated_aws import Crash, Ses, Streams
from tests.operations.simulated_queue import Worker


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    return open_session()


def cancel(*, credit: bool, now: datetime) -> None:
    cancel_session("demo", "s1", CancelInput(credit_invoices=credit), by="owner@demo.test", now=now)


def test_open_invoices_are_credited_and_nothing_is_issued_in_their_place(
    session: Session, streams: Streams, ses: Ses, now: datetime
) -> None:
    registration = added("invoice", now=now)
    streams.drain(now)
    cancel(credit=True, now=now)
    streams.drain(now)
    found = stands(registration)
    assert (found.invoice, found.invoices_before, found.billing) == ("", ("2026-0001", "C2026-0001"), "unpaid")
    assert found.billing_history[-1].by == "owner@demo.test"
    assert counted() == (1, 1)
    assert "Credit note C2026-0001 of Atelier Lumière" in ses.subjects


def test_the_job_of_a_large_session_credits_them_too(
    session: Session, streams: Streams, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancellation, "SLICE", 0)
    registration = added("invoice", now=now)
    streams.drain(now)
    cancel(credit=True, now=now)
    streams.drain(now)
    assert counted() == (1, 0)
    worker.work()
    assert (stands(registration).billing_history[-1].by, counted()) == ("owner@demo.test", (1, 1))


def test_a_paid_invoice_stays(session: Session, streams: Streams, now: datetime) -> None:
    registration = added("invoice", now=now)
    streams.drain(now)
    paid(registration, 100, now=now)
    cancel(credit=True, now=now)
    streams.drain(now)
    assert (stands(registration).invoice, counted()) == ("2026-0001", (1, 0))


def test_an_open_invoice_that_is_not_credited_asks_for_nothing(session: Session, streams: Streams, now: datetime) -> None:
    added("invoice", now=now)
    streams.drain(now)
    cancel(credit=False, now=now)
    streams.drain(now)
    view = read_by_number("demo", "2026-0001")
    assert (view.called_off, view.due, view.payable_online, counted()) == (True, Money(0, "EUR"), False, (1, 0))


def test_an_invoice_of_a_cancelled_session_is_corrected_without_another(session: Session, streams: Streams, now: datetime) -> None:
    added("invoice", now=now)
    streams.drain(now)
    cancel(credit=False, now=now)
    assert correct("demo", "2026-0001", by="owner", now=now).invoice is None


def test_each_invoice_is_credited_once_whatever_comes_twice_or_dies(
    session: Session, streams: Streams, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for email in ("ana@example.org", "ben@example.org"):
        added("invoice", now=now, email=email)
    streams.drain(now)
    cancel(credit=True, now=now)
    records, write = streams.rosters.read(), rows.write

    def dies(*args: object, **named: object) -> None:
        write(*args, **named)  # type: ignore[arg-type]
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(rows, "write", dies)
        with pytest.raises(Crash):
            roster_events.handle({"Records": records}, clock=lambda: now)
    assert counted() == (2, 1), "the first is credited when the process dies"
    for _ in range(3):
        roster_events.handle({"Records": records}, clock=lambda: now)
    assert counted() == (2, 2)


@pytest.mark.parametrize(("credit", "wanted"), [(True, 1), (False, 0)])
def test_what_the_stream_lost_is_made_up_for(session: Session, streams: Streams, now: datetime, credit: bool, wanted: int) -> None:
    added("invoice", now=now)
    streams.drain(now)
    cancel(credit=credit, now=now)
    streams.rosters.read()
    for missed in list(replay.missed_reactions("demo", now=now)):
        missed.do()
    assert counted() == (1, wanted)
