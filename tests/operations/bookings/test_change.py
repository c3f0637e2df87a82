"""A family corrects participants and answers, and gives spots back."""

from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations import invoices
from chalicelib.operations.bookings import change, view_of
from chalicelib.operations.registrations import register, set_billing
from chalicelib.rules.ages import AgeNotAllowed
from chalicelib.rules.bookings import BookingEnded, NotByYourself, SpotsPaid, TooLateToCancel
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.roster import BillingStatusInput, BookingChanges
from chalicelib.rules.questions import Question
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.registration_refusals import AlreadyRegistered, AnswersDoNotFit, TooManyParticipants
from chalicelib.rules.registrations import Registration
from chalicelib.tables import ledger, registrations
from tests.operations.bookings.conftest import DAY, Family, booked, on_days
from tests.operations.bookings.test_cancel import Offer, free
from tests.operations.registrations.test_notices import calendars


def changed(family: Family, now: datetime, **wanted: Any) -> Registration:
    return change("demo", family.id, BookingChanges.model_validate(wanted), key=str(wanted), now=now)


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def test_spots_are_given_back_with_one_e_mail(family: Family, now: datetime) -> None:
    assert changed(family, now, party_size=1, participants=named("Léo")).party_size == 1
    assert (free(), family.stands.participants) == (2, ("Léo",))
    family.follow()
    assert family.ses.subjects == ["Your booking has changed: Pottery"]
    uids = [f"s1-{family.booked.id}-m{day}@rollbook" for day in (3, 10)]
    assert calendars(family.ses.sent[0]) == [("PUBLISH", uids, ["2", "2"])]
    assert [(one.kind, one.spots) for one in family.stands.own_changes] == [("returned", 1)]
    changed(family, now, party_size=1, participants=named("Léo"))
    family.follow()
    assert len(family.ses.sent) == 1, "a repeated request changes nothing"


def test_a_corrected_name_is_told_and_frees_the_old_one(family: Family, now: datetime) -> None:
    changed(family, now, participants=named("Zoë", "Léo"))
    family.follow()
    assert (family.stands.participants, family.ses.subjects) == (("Zoë", "Léo"), ["Your booking has changed: Pottery"])
    assert booked("s1", "Zoé", now=now).participants == ("Zoé",)


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"party_size": 3}, NotByYourself),
        ({"party_size": 1}, TooManyParticipants),
        ({"participants": named("A", "B", "C")}, TooManyParticipants),
        ({"participants": named("Max", "Léo")}, AlreadyRegistered),
        ({"answers": {"q9": "x"}}, AnswersDoNotFit),
    ],
)
def test_what_is_refused_changes_nothing(family: Family, now: datetime, wanted: dict[str, Any], refusal: type[Refusal]) -> None:
    booked("s1", "Max", now=now)
    before, spots = family.stands, free()
    with pytest.raises(refusal):
        changed(family, now, **wanted)
    assert (family.stands, free()) == (before, spots)


def test_spots_are_given_back_only_while_cancelling_is_allowed(family: Family, terms: Offer, now: datetime) -> None:
    late = now + 2.5 * DAY
    with pytest.raises(TooLateToCancel):
        changed(family, late, party_size=1, participants=named("Zoé"))
    assert changed(family, late, participants=named("Zoë", "Léo")).participants == ("Zoë", "Léo"), "a name is corrected later, too"
    terms(cancel_until_hours=None)
    with pytest.raises(NotByYourself):
        changed(family, now, party_size=1, participants=named("Zoé"))
    assert view_of(family.stands, now=now).may == ["edit"]
    with pytest.raises(NotByYourself):
        changed(family, now + 12 * DAY, participants=named("Zoé", "Léo"))
    assert view_of(family.stands, now=now + 12 * DAY).may == []


def test_paid_spots_are_not_given_back_one_by_one(family: Family, now: datetime) -> None:
    set_billing("demo", family.id, BillingStatusInput(status="paid"), by="m", now=now)
    with pytest.raises(SpotsPaid):
        changed(family, now, party_size=1, participants=named("Zoé"))
    assert free() == 1


def test_an_open_invoice_is_written_anew_for_fewer_spots(family: Family, now: datetime) -> None:
    invoices.issue(family.stands, by="m", now=now)
    family.follow()
    changed(family, now, party_size=1, participants=named("Zoé"))
    family.follow()
    assert (family.stands.invoice, family.stands.total.amount) == ("2026-0002", 1250)


def test_an_ended_booking_is_changed_no_more(family: Family, now: datetime) -> None:
    registrations.remove(family.stands, by="owner", now=now)
    with pytest.raises(BookingEnded):
        changed(family, now, participants=named("Zoé"))


def test_a_crash_between_ledger_and_row_is_made_good_by_the_retry(family: Family, now: datetime) -> None:
    located = ledger.locate_hold(family.stands)
    assert located
    ledger.resize("demo", "s1", family.stands.hold, located.hold, 1, chunk=located.chunk, allow_extra=False, now=now)
    assert changed(family, now, party_size=1, participants=named("Zoé")).party_size == 1
    assert (free(), family.stands.party_size) == (2, 1)


def test_answers_and_ages_are_checked_as_at_booking(family: Family, open_session: Any, now: datetime) -> None:
    size = Question("q1", "Size", "choice", required=True, options=("S", "M"))
    open_session(id="s2", meetings=on_days(now, 3), questions=(size,), min_age=6, max_age=9)
    kim = ParticipantInput.model_validate({"name": "Kim", "date_of_birth": "2019-01-01"})
    draft = RegistrationInput(email="bo@example.org", name="Bo", participants=[kim], answers={"q1": "S"})
    made = register("demo", "s2", draft, locale="en", key="bo", now=now).registration

    def edited(**wanted: Any) -> Registration:
        return change("demo", made.public_id, BookingChanges.model_validate(wanted), key="k", now=now)

    assert dict(edited(answers={"q1": "M"}).answers) == {"q1": "M"}
    with pytest.raises(AnswersDoNotFit):
        edited(answers={})
    with pytest.raises(AgeNotAllowed):
        edited(participants=[{"name": "Kim", "date_of_birth": "2001-01-01"}])
    with pytest.raises(AgeNotAllowed):
        edited(participants=[{"name": "Lou"}])
    assert edited(participants=[{"name": "Kim"}]).details_at(0).date_of_birth == "2019-01-01"
