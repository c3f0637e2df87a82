"""Concurrent invoices: no number is missing or used twice, and a registration has one."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.operations.invoices import correct, issue
from chalicelib.operations.registrations import transfer
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.tables import invoices, registrations
from tests.live.ledger.network_faults import CrashedError, RandomFaults, crash, meanwhile, on_the_wire
from tests.live.ledger.scenario import NOW, ORG, named, open_session, registered

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

THREADS = 32


def billed(registration: Registration) -> str:
    """Issue the invoice, retrying while it is busy, and return its number."""
    while True:
        try:
            return issue(registration, by="staff", now=NOW).invoice
        except Busy:
            continue


def all_billed(chosen: Iterable[Registration]) -> list[str]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(billed, chosen))


def numbers(last: int) -> list[str]:
    return [f"2026-{number:04d}" for number in range(1, last + 1)]


def test_threads_get_numbers_without_gaps_or_duplicates() -> None:
    session = open_session(100)
    people = [registered(session).registration for _ in range(64)]
    assert sorted(all_billed(people)) == numbers(64)
    assert invoices.count(ORG, 2026) == 64
    assert [invoices.get(ORG, number).number for number in numbers(64)] == numbers(64)


def test_concurrent_requests_issue_one_invoice_per_registration() -> None:
    registration = registered(open_session(5)).registration
    assert set(all_billed([registration] * THREADS)) == {"2026-0001"}
    assert invoices.count(ORG, 2026) == 1
    history = registrations.get(ORG, registration.session, registration.id).billing_history
    assert [step.status for step in history] == ["invoiced"]


def test_network_faults_lose_no_number() -> None:
    session = open_session(50)
    people = [registered(session).registration for _ in range(32)]
    with on_the_wire(RandomFaults(7)):
        assert sorted(all_billed(people)) == numbers(32)
    assert sorted(all_billed(people)) == numbers(32)


def test_crashes_lose_no_number() -> None:
    session = open_session(20)
    for step in range(1, 7):
        registration = registered(session).registration
        try:
            with crash(step, after=True):
                billed(registration)
        except (CrashedError, AssertionError):
            billed(registration)
        assert billed(registration) == f"2026-{step:04d}"
    assert invoices.count(ORG, 2026) == 6


def test_concurrent_corrections_leave_no_gap_in_either_series() -> None:
    session = open_session(50)
    people = [registered(session).registration for _ in range(32)]
    first = all_billed(people[:16])
    with ThreadPoolExecutor(THREADS) as pool:
        done_twice = pool.map(corrected_to, [number for number in first for _ in range(2)])
        others = pool.map(billed, people[16:])
    done = set(done_twice)
    assert sorted(note for note, _ in done) == [f"C{number}" for number in numbers(16)]
    assert sorted([*first, *(new for _, new in done), *others]) == numbers(48)
    assert (invoices.count(ORG, 2026), invoices.count(ORG, 2026, credit=True)) == (48, 16)


def corrected_to(number: str) -> tuple[str, str]:
    """Correct the invoice, retrying while it is busy; return the numbers of its credit note and of the new invoice."""
    while True:
        try:
            done = correct(ORG, number, by="staff", now=NOW)
        except Busy:
            continue
        assert done.invoice
        return done.credit_note.number, done.invoice.number


def test_a_concurrent_invoice_and_transfer_leave_one_invoice() -> None:
    session, other = open_session(5), open_session(5)
    registration = registered(session).registration
    with (
        meanwhile("TransactWriteItems", lambda: transfer(ORG, named(session, registration.id), other, by="staff", key="k", now=NOW)),
        pytest.raises(AlreadyRemoved),
    ):
        billed(registration)
    assert invoices.count(ORG, 2026) == 0


def test_an_invoice_moves_with_its_registration() -> None:
    session, other = open_session(5), open_session(5)
    registration = registered(session).registration
    number = billed(registration)
    moved = transfer(ORG, named(session, registration.id), other, by="staff", key="k", now=NOW).registration
    assert billed(moved) == number
    assert invoices.with_registration(ORG, number)[1].id == moved.id
