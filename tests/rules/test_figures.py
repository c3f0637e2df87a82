"""The facts of a session, by day."""

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.rules.attendance import Counts
from chalicelib.rules.figures import FactKey, Facts, SessionRows, debts_of, facts_of
from chalicelib.rules.invoices import credit_note
from chalicelib.rules.registration_history import PartyChange
from chalicelib.rules.sessions import Meeting
from tests.samples import ENTRY, INVITATION, INVOICE, NOW, REGISTRATION, SESSION, STARTS

BOOKED = replace(REGISTRATION, confirmed_at=NOW)
HELD = {INVITATION.id: INVITATION.hold}
ROWS = SessionRows(SESSION, [BOOKED], [], [], {})
TODAY, THAT_DAY = date(2026, 11, 22), date(2026, 12, 1)


def of(rows: SessionRows, zone: str = "Europe/Paris") -> Facts:
    return facts_of(rows, zone)


def test_a_date_counts_its_spots_and_who_comes() -> None:
    assert of(ROWS)[FactKey("meetings", THAT_DAY)] == (1, 12, 2)


def test_who_left_before_a_date_is_not_on_it_and_an_earlier_party_counts_on_its_date() -> None:
    second = Meeting("m2", STARTS + timedelta(days=7), STARTS + timedelta(days=7, hours=1))
    course = replace(SESSION, meetings=(*SESSION.meetings, second))
    between = STARTS + timedelta(days=1)
    left = replace(BOOKED, id="r2", removed_at=between)
    grown = replace(BOOKED, party_size=3, parties=(PartyChange(between, 2),))
    facts = of(replace(ROWS, session=course, registrations=[left, grown]))
    assert facts[FactKey("meetings", THAT_DAY)] == (1, 12, 4)
    assert facts[FactKey("meetings", date(2026, 12, 8))] == (1, 12, 3)


def test_days_are_those_of_the_organisation() -> None:
    late = replace(ROWS, registrations=[replace(BOOKED, created_at=NOW.replace(hour=23, minute=30))])
    assert FactKey("booked", date(2026, 11, 23), "EUR") in of(late)
    assert FactKey("booked", TODAY, "EUR") in of(late, "UTC")


def test_a_cancelled_date_does_not_count() -> None:
    (meeting,) = SESSION.meetings
    cancelled = replace(SESSION, meetings=(replace(meeting, cancelled_at=NOW),))
    assert FactKey("meetings", THAT_DAY) not in of(replace(ROWS, session=cancelled))
    assert FactKey("meetings", THAT_DAY) not in of(replace(ROWS, session=replace(SESSION, cancelled_at=NOW)))


def test_what_was_removed_is_not_booked_and_what_was_transferred_counts_where_it_went() -> None:
    removed, moved = replace(BOOKED, removed_at=NOW), replace(BOOKED, moved_to="s2-r9", removed_at=NOW)
    assert all(key.kind == "meetings" for key in of(replace(ROWS, registrations=[removed, moved])))


def test_a_booking_with_a_code_counts_under_its_contract() -> None:
    facts = of(replace(ROWS, registrations=[replace(BOOKED, code="ABC", contract="c1")]))
    assert facts[FactKey("redeemed", TODAY, "EUR", "c1")] == (2, 2500)
    assert facts[FactKey("booked", TODAY, "EUR", "c1")] == (1, 2500)


def test_a_credit_note_takes_its_invoice_away() -> None:
    note = credit_note(INVOICE, "C2026-0001", now=NOW + timedelta(days=40))
    facts = of(replace(ROWS, registrations=[replace(BOOKED, invoices_before=(INVOICE.number, note.number))], invoices=[INVOICE, note]))
    assert facts[FactKey("invoiced", TODAY, "EUR")] == (1, 2500)
    assert facts[FactKey("invoiced", date(2027, 1, 1), "EUR")] == (0, -2500)


def test_an_invitation_counts_on_the_day_it_was_sent() -> None:
    declined = replace(INVITATION, ended="declined", ended_at=NOW + timedelta(hours=3), delivered_at=NOW)
    facts = of(replace(ROWS, registrations=[], invitations=[declined, replace(INVITATION, id="x")], holds={}))
    assert facts[FactKey("invited", TODAY)] == (1, 1, 0, 1, 0, 0, 1, 180)  # The other one never got its spots.


def test_an_offer_of_the_waitlist_is_no_invitation() -> None:
    offer = replace(INVITATION, entry="e1")
    entry = replace(ENTRY, offers=1, status="accepted")
    facts = of(replace(ROWS, registrations=[], invitations=[offer], waitlist=[entry], holds=HELD))
    assert FactKey("invited", TODAY) not in facts
    assert facts[FactKey("waited", TODAY)] == (1, 1, 1)


def test_attendance_counts_on_the_date() -> None:
    facts = of(replace(ROWS, attendance={"m1": Counts(present=1, absent=1)}))
    assert facts[FactKey("attended", THAT_DAY)] == (0, 1, 0, 1, 0)


def test_what_is_owed_is_summed_by_currency() -> None:
    assert debts_of(replace(ROWS, registrations=[BOOKED, replace(BOOKED, id="r2"), replace(BOOKED, id="r3", billing="paid")])) == {
        "EUR": (5000, 2)
    }
