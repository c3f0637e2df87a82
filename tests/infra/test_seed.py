"""The demo data shows a full week, on whichever day the local stack starts."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.operations.agenda import by_day, read_rows, with_spots
from chalicelib.rules.agenda import days_of
from chalicelib.tables import organisations, sessions
from infra.demo_pictures import MOTIFS
from infra.seed import ORG, PARIS, create_data


@pytest.mark.parametrize("weekday", [0, 2, 6])
def test_each_day_of_the_week_has_a_date_with_people(user_pool: str, bucket: str, weekday: int) -> None:
    now = datetime(2026, 11, 23, 20, 30, tzinfo=UTC) + timedelta(days=weekday)
    create_data(True, "demo-Passw0rd!", now=now)
    days = days_of("week", now.date())
    found = by_day(with_spots(ORG, read_rows(ORG, days, PARIS), now), PARIS)
    assert list(found) == days.each()
    assert all(any(one.spots.taken for one in some) for some in found.values())


def test_the_stand_in_for_stripe_takes_the_payments_of_the_demo(user_pool: str) -> None:
    now = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    create_data(False, "demo-Passw0rd!", payments=True, now=now)
    found = organisations.get(ORG)
    assert (found.online_payment, found.public_billing) == (True, "later")


def test_every_session_has_a_picture_and_the_organisation_a_logo(user_pool: str, bucket: str) -> None:
    now = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    create_data(True, "demo-Passw0rd!", now=now)
    shown = [session.picture for session in sessions.every(ORG)]
    assert len({picture.name for picture in shown if picture}) == len(MOTIFS)
    assert all(picture and picture.alt for picture in shown)
    assert organisations.get(ORG).logo
