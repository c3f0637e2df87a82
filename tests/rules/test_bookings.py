"""What a family may do by itself, until when, and what it means for the money."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.rules.bookings import (
    MOST_OWN_CHANGES,
    BookingAction,
    MoneyState,
    NotByYourself,
    SelfServiceTerms,
    SpotsPaid,
    cancel_until,
    check_party,
    family_change_of,
    may,
    money_of,
    with_family_change,
)
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registration_history import Payment
from chalicelib.rules.sessions import Meeting, Session
from tests.samples import NOW, REGISTRATION, SESSION

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ORGANISATION = Organisation("demo", "Demo", NOW)
BOOKED = replace(REGISTRATION, covers_from=NOW, billing="unpaid", payments=())


def on_days(*days: float, cancelled: int = 0) -> Session:
    meetings = [Meeting(f"m{day}", NOW + day * DAY, NOW + day * DAY + HOUR) for day in days]
    gone = [replace(one, cancelled_at=NOW) for one in meetings[:cancelled]]
    return replace(SESSION, meetings=(*gone, *meetings[cancelled:]))


@pytest.mark.parametrize(
    ("organisation", "session", "hours"), [(None, None, None), (24, None, 24), (24, 48, 48), (None, 48, 48), (24, 0, 0)]
)
def test_a_session_may_have_hours_of_its_own(organisation: int | None, session: int | None, hours: int | None) -> None:
    terms = SelfServiceTerms.of(replace(ORGANISATION, cancel_until_hours=organisation), replace(SESSION, cancel_until_hours=session))
    assert terms == SelfServiceTerms(hours, moves=False)


@pytest.mark.parametrize(
    ("session", "after", "until"),
    [
        (on_days(3, 10), 0 * DAY, 2),
        (on_days(3, 10), 2.5 * DAY, 2),
        (on_days(3, 10), 3 * DAY, 9),
        (on_days(3, 10), 20 * DAY, 9),
        (on_days(3, 10, cancelled=1), 0 * DAY, 9),
        (on_days(-3, 10), 0 * DAY, 9),
    ],
)
def test_the_last_moment_lies_before_the_date_to_come(session: Session, after: timedelta, until: float) -> None:
    assert cancel_until(BOOKED, session, SelfServiceTerms(24, moves=False), NOW + after) == NOW + until * DAY
    assert cancel_until(BOOKED, session, SelfServiceTerms(None, moves=True), NOW + after) is None


@pytest.mark.parametrize(
    ("terms", "at", "acts"),
    [
        (SelfServiceTerms(None, moves=False), NOW, ["edit"]),
        (SelfServiceTerms(24, moves=False), NOW, ["cancel", "edit"]),
        (SelfServiceTerms(24, moves=True), NOW + 2 * DAY, ["cancel", "move", "edit"]),
        (SelfServiceTerms(24, moves=True), NOW + 2 * DAY + HOUR, ["edit"]),
        (SelfServiceTerms(None, moves=True), NOW + 2 * DAY + HOUR, ["move", "edit"]),
        (SelfServiceTerms(0, moves=True), NOW + 3 * DAY, []),
    ],
)
def test_what_a_family_may_do(terms: SelfServiceTerms, at: datetime, acts: list[BookingAction]) -> None:
    session = on_days(3)
    assert may(BOOKED, session, terms, at, payable=False) == acts
    assert may(BOOKED, session, terms, at, payable=True) == [*acts, "pay"]
    assert may(replace(BOOKED, removed_at=NOW), session, terms, at, payable=True) == []
    assert may(BOOKED, replace(session, cancelled_at=NOW), terms, at, payable=False) == []


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "unpaid"),
        ({"price": Money(0, "EUR")}, "nothing"),
        ({"billing": "invoiced", "invoice": "2026-0001"}, "invoiced"),
        ({"billing": "paid"}, "paid"),
        ({"billing": "paid", "price": Money(0, "EUR")}, "nothing"),
        ({"billing": "partly_paid", "payments": (Payment(5, "cash", NOW, "m"),)}, "paid"),
        ({"billing": "unpaid", "payments": (Payment(5, "cash", NOW, "m", currency="CHF"),)}, "paid"),
        ({"billing": "refunded"}, "refunded"),
    ],
)
def test_what_a_cancellation_finds(fields: dict[str, Any], state: MoneyState) -> None:
    assert money_of(replace(BOOKED, **fields)) == state


def test_a_party_only_becomes_smaller_and_not_once_it_is_paid() -> None:
    party = replace(BOOKED, party_size=3)
    check_party(party, 3)
    check_party(party, 1)
    with pytest.raises(NotByYourself):
        check_party(party, 4)
    check_party(replace(party, billing="paid"), 3)
    with pytest.raises(SpotsPaid):
        check_party(replace(party, billing="paid"), 2)


def test_the_latest_changes_are_kept_under_rising_numbers() -> None:
    changed = BOOKED
    for number in range(MOST_OWN_CHANGES + 5):
        changed = with_family_change(changed, "changed", request=f"r{number}", now=NOW)
    assert [one.number for one in changed.own_changes] == list(range(6, MOST_OWN_CHANGES + 6))
    assert family_change_of(changed, "r14") == changed.own_changes[-1]
    assert family_change_of(changed, "r0") is None
    assert not changed.was_cancelled
    cancelled = with_family_change(changed, "cancelled", spots=2, request="c", now=NOW)
    assert replace(cancelled, removed_at=NOW).was_cancelled
