"""A family cancels its booking: what becomes free, what follows, and until when it may."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

import pytest

from chalicelib.config import config
from chalicelib.events import rosters as roster_events
from chalicelib.operations import invoices, replay, waitlist
from chalicelib.operations.bookings import cancel, view_of
from chalicelib.operations.notifications import list_notifications
from chalicelib.operations.registrations import remove_registration, set_billing
from chalicelib.rules.bookings import BookingEnded, NotByYourself, TooLateToCancel
from chalicelib.rules.inputs.roster import BillingStatusInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.tables import dynamodb, keys, ledger
from chalicelib.tables import waitlist as entries
from tests.operations.bookings.conftest import DAY, Family, booked
from tests.operations.registrations.test_notices import calendars

Offer = Callable[..., None]


def free() -> int:
    return sum(chunk.spots for chunk in ledger.read("demo", "s1"))


def test_a_cancelled_booking_frees_its_spots_and_tells_family_staff_and_calendar(family: Family, now: datetime) -> None:
    assert cancel("demo", family.id, key="k", now=now) == 2
    assert free() == 3
    family.follow()
    assert family.ses.subjects == ["Cancelled: Pottery"]
    assert "You cancelled your booking" in family.ses.texts[0]
    dropped = [f"s1-{family.booked.id}-m{day}@rollbook" for day in (3, 10)]
    assert calendars(family.ses.sent[0]) == [("CANCEL", dropped, ["3", "3"])]
    ended = family.stands
    assert (ended.removed_by, ended.was_cancelled) == ("ana@example.org", True)
    ben = StaffMember("demo", "ben", "ben@example.org", "Ben", "owner", "active", now - DAY)
    assert "Ana cancelled: Pottery." in [one.text for one in list_notifications(ben, now=now, limit=5, locale="en").items]


def test_a_repeated_request_frees_nothing_more_and_tells_nothing_twice(family: Family, now: datetime) -> None:
    assert [cancel("demo", family.id, key="k", now=now) for _ in range(3)] == [2, 2, 2]
    with pytest.raises(BookingEnded):
        cancel("demo", family.id, key="another", now=now)
    records = family.streams.rosters.read()
    for _ in range(2):
        roster_events.handle({"Records": records}, clock=lambda: now)
    family.follow()
    assert (free(), family.ses.subjects) == (3, ["Cancelled: Pottery"])


def test_the_waitlist_gets_the_spots(family: Family, now: datetime) -> None:
    booked("s1", "Max", now=now, email="max@example.org")
    entry = waitlist.join("demo", "s1", JoinInput(email="cleo@example.org", name="Cleo", spots=2), locale="en", key="c", now=now).entry
    family.follow()
    cancel("demo", family.id, key="k", now=now)
    family.follow()
    assert entries.get("demo", "s1", entry.id).status == "offered"
    assert free() == 0


def test_an_open_invoice_is_credited(family: Family, now: datetime) -> None:
    invoices.issue(family.stands, by="m", now=now)
    family.follow()
    family.ses.sent.clear()
    cancel("demo", family.id, key="k", now=now)
    assert len(family.stands.invoices_before) == 2
    family.follow()
    assert sorted(family.ses.subjects) == ["Cancelled: Pottery", "Credit note C2026-0001 of Atelier Lumière"]


def test_after_a_crash_the_stream_credits_the_invoice(family: Family, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    invoices.issue(family.stands, by="m", now=now)
    family.follow()
    with monkeypatch.context() as dying:
        dying.setattr(import_module("chalicelib.operations.bookings.cancel"), "_credit", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            cancel("demo", family.id, key="k", now=now)
    assert family.stands.invoice == "2026-0001"
    family.follow()
    assert (family.stands.invoice, len(family.stands.invoices_before)) == ("", 2)


def test_what_was_paid_stays_and_the_family_is_told_who_decides(family: Family, now: datetime) -> None:
    set_billing("demo", family.id, BillingStatusInput(status="paid"), by="m", now=now)
    cancel("demo", family.id, key="k", now=now)
    family.follow()
    assert family.stands.billing == "paid"
    assert "will get in touch with you about what you have paid" in family.ses.texts[0]


def test_a_missed_reaction_is_made_by_the_replay(family: Family, now: datetime) -> None:
    cancel("demo", family.id, key="k", now=now)
    family.streams.rosters.read()
    missed = [one for one in replay.missed_reactions("demo", now=now) if one.what == "changed_by_family"]
    for one in missed:
        one.do()
    family.follow()
    assert family.ses.subjects == ["Cancelled: Pottery"]
    assert [one for one in replay.missed_reactions("demo", now=now) if one.what == "changed_by_family"] == []


@pytest.mark.parametrize(
    ("after", "may"),
    [
        (2 * DAY, True),
        (2 * DAY + timedelta(seconds=1), False),
        (3 * DAY - timedelta(seconds=1), False),
        (3 * DAY, True),  # The first date has begun: the next one counts.
        (9 * DAY, True),
        (9 * DAY + timedelta(seconds=1), False),
        (11 * DAY, False),
    ],
)
def test_until_when_a_family_may_cancel(family: Family, now: datetime, after: timedelta, may: bool) -> None:
    at = now + after
    view = view_of(family.stands, now=at)
    assert view.cancel_until == now + (2 if after < 3 * DAY else 9) * DAY
    assert ("cancel" in view.may) == may
    if may:
        assert cancel("demo", family.id, key="k", now=at) == 2
        return
    with pytest.raises(TooLateToCancel) as late:
        cancel("demo", family.id, key="k", now=at)
    assert late.value.until == ("2026-11-24T12:00:00Z" if after < 3 * DAY else "2026-12-01T12:00:00Z")
    assert not family.stands.removed_at


def test_a_session_has_terms_of_its_own(family: Family, terms: Offer, now: datetime) -> None:
    terms(cancel_until_hours=None)
    assert (view_of(family.stands, now=now).cancel_until, "cancel" in view_of(family.stands, now=now).may) == (None, False)
    with pytest.raises(NotByYourself):
        cancel("demo", family.id, key="k", now=now)
    assert free() == 1


def test_staff_were_faster(family: Family, now: datetime) -> None:
    remove_registration("demo", family.id, by="owner", now=now)
    with pytest.raises(BookingEnded):
        cancel("demo", family.id, key="k", now=now)
    assert free() == 3


def test_a_row_of_an_earlier_version_is_cancelled(family: Family, now: datetime) -> None:
    row = dynamodb.get(config().rosters_table, keys.registration("demo", "s1", family.booked.id)) or {}
    assert "email" in row
    assert "own_changes" not in row
    assert cancel("demo", family.id, key="k", now=now) == 2
