"""A family moves its booking to a related session, where the organisation allows it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import waitlist
from chalicelib.operations.bookings import choices, move, view_of
from chalicelib.rules.bookings import BookingEnded, NotByYourself, TooLateToCancel
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.questions import Question
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.registration_refusals import AlreadyRegistered, SameSession
from chalicelib.rules.session_refusals import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.rules.sessions import Session
from tests.operations.bookings.conftest import DAY, Family, booked, on_days
from tests.operations.bookings.test_cancel import Offer, free
from tests.operations.registrations.test_notices import calendars

Open = Callable[..., Session]


@pytest.fixture
def other(family: Family, open_session: Open, terms: Offer, now: datetime) -> Open:
    """Return a maker of the session `s2`, with a tag of the booked one unless said otherwise. Moves are allowed."""
    terms(self_service_moves=True)
    return lambda **wanted: open_session(**{"id": "s2", "title": "Weaving", "tags": ("Art",), "meetings": on_days(now, 5), **wanted})


def moved(family: Family, now: datetime, to: str = "s2", key: str = "k") -> Any:
    return move("demo", family.id, to, key=key, now=now).registration


def test_a_move_takes_the_price_along_and_tells_family_and_calendar(family: Family, other: Open, now: datetime) -> None:
    other()
    assert [view.session.id for view in choices(family.stands, now=now)] == ["s2"]
    new = moved(family, now)
    assert (new.session, new.party_size, new.price, free()) == ("s2", 2, family.booked.price, 3)
    assert moved(family, now) == new, "a retry"
    with pytest.raises(BookingEnded):
        moved(family, now, key="another")
    family.follow()
    assert family.ses.subjects == ["Your registration has moved: Weaving"]
    assert "You moved your booking from Pottery to Weaving." in family.ses.texts[0]
    assert [method for method, *_ in calendars(family.ses.sent[0])] == ["PUBLISH", "CANCEL"]
    old = view_of(family.stands, now=now)
    assert (old.status, old.may, old.moved and old.moved.session.title) == ("moved", [], "Weaving")


def test_a_series_is_related_and_a_stranger_is_not(family: Family, other: Open, now: datetime) -> None:
    other(tags=("sport",))
    assert choices(family.stands, now=now) == []
    with pytest.raises(NotByYourself):
        moved(family, now)
    with pytest.raises(NotFound):
        moved(family, now, to="nothing")


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"spots_total": 1}, SessionFull),
        ({"cancelled_at": datetime.fromisoformat("2026-11-01T00:00:00Z")}, SessionCancelled),
        ({"meetings": on_days(datetime.fromisoformat("2026-11-22T12:00:00Z"), -1)}, SessionPast),
        ({"registration_opens_at": datetime.fromisoformat("2026-11-23T00:00:00Z")}, RegistrationNotOpen),
        ({"registration_closes_at": datetime.fromisoformat("2026-11-22T00:00:00Z")}, RegistrationClosed),
        ({"questions": (Question("q1", "Size", "text", required=True),)}, NotByYourself),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else "",
)
def test_what_cannot_be_is_refused_and_not_offered(
    family: Family, other: Open, now: datetime, wanted: dict[str, Any], refusal: type[Refusal]
) -> None:
    other(**wanted)
    with pytest.raises(refusal):
        moved(family, now)
    assert (family.stands.removed_at, free()) == (None, 1)
    assert refusal is NotByYourself or choices(family.stands, now=now) == []


def test_a_party_on_the_other_session_stays_once(family: Family, other: Open, now: datetime) -> None:
    other()
    booked("s2", "Zoé", now=now)
    with pytest.raises(AlreadyRegistered):
        moved(family, now)
    with pytest.raises(SameSession):
        moved(family, now, to="s1")


def test_spots_for_the_waitlist_are_not_taken(family: Family, other: Open, terms: Offer, now: datetime) -> None:
    other(spots_total=3)
    booked("s2", "Max", "Mia", now=now, email="max@example.org")
    waitlist.join("demo", "s2", JoinInput(email="cleo@example.org", name="Cleo", spots=3), locale="en", key="c", now=now)
    assert choices(family.stands, now=now) == []
    with pytest.raises(SessionFull):
        moved(family, now)


def test_moving_ends_when_cancelling_does(family: Family, other: Open, terms: Offer, now: datetime) -> None:
    other()
    late = now + 2 * DAY + timedelta(minutes=1)
    with pytest.raises(TooLateToCancel):
        moved(family, late)
    terms(cancel_until_hours=None)
    assert view_of(family.stands, now=late).may == ["move", "edit"]
    terms(self_service_moves=False)
    with pytest.raises(NotByYourself):
        moved(family, now)
    assert view_of(family.stands, now=now).may == ["edit"]
