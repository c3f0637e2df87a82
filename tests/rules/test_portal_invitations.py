"""Portal invitations: the recipients, the skipped customers and why, and the customer after sending."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.rules.customers import Customer, PortalStatus
from chalicelib.rules.organisations import Bounce, EmailPreferences
from chalicelib.rules.portal_invitations import (
    MOST_SHOWN,
    Audience,
    AudienceCheck,
    CustomerSkipReason,
    after_sending,
    invited_today,
    skip_reason,
)
from tests.samples import CUSTOMER, NOW

DAY = timedelta(days=1)
DAYS = (3, 7)
WANTS = EmailPreferences()
INVITED = replace(CUSTOMER, status="invited", invitations=1, invited_at=NOW, asked_at=NOW, remind_at=NOW + 3 * DAY)


@pytest.mark.parametrize(
    ("status", "email", "preferences", "reason"),
    [
        ("added", "ana@example.org", WANTS, None),
        ("invited", "ana@example.org", WANTS, None),
        ("accepted", "ana@example.org", WANTS, "already_accepted"),
        ("added", "", WANTS, "no_address"),
        ("added", "ana@example.org", EmailPreferences(unsubscribed=True), "unsubscribed"),
        ("added", "ana@example.org", EmailPreferences(bounce=Bounce()), "suppressed"),
        ("added", "ana@example.org", EmailPreferences(unsubscribed=True, bounce=Bounce()), "suppressed"),
        ("accepted", "", EmailPreferences(bounce=Bounce()), "already_accepted"),
    ],
)
def test_who_is_skipped_and_why(status: PortalStatus, email: str, preferences: EmailPreferences, reason: CustomerSkipReason | None) -> None:
    assert skip_reason(replace(CUSTOMER, status=status, email=email), preferences) == reason


@pytest.mark.parametrize(
    ("audience", "includes"),
    [
        (Audience(), True),
        (Audience(group="g1"), True),
        (Audience(group="g9"), False),
        (Audience(statuses=("invited",)), True),
        (Audience(statuses=("added", "accepted")), False),
        (Audience(group="g1", statuses=("invited",)), True),
        (Audience(group="g1", statuses=("added",)), False),
        (Audience(group="g9", statuses=("invited",)), False),
    ],
    ids=["everybody", "of the group", "of another", "of the status", "of others", "of both", "only the group", "only the status"],
)
def test_an_audience_is_a_group_a_status_or_both(audience: Audience, includes: bool) -> None:
    assert audience.includes(replace(INVITED, groups=("g1", "g2"))) is includes


def test_everybody_of_an_audience_is_counted_and_only_some_are_shown() -> None:
    check = AudienceCheck()
    for number in range(MOST_SHOWN + 5):
        check.add(replace(CUSTOMER, id=str(number), status="accepted"), WANTS, zone="Europe/Paris", now=NOW)
    for customer in (INVITED, replace(CUSTOMER, id="c2")):
        check.add(customer, WANTS, zone="Europe/Paris", now=NOW)
    assert (check.recipients, check.invited_today) == (["c1", "c2"], 1)
    assert (check.reasons, len(check.skipped), check.total) == ({"already_accepted": MOST_SHOWN + 5}, MOST_SHOWN, MOST_SHOWN + 7)


@pytest.mark.parametrize(
    ("invited_at", "zone", "today"),
    [
        (None, "Europe/Paris", False),
        (datetime.fromisoformat("2026-11-22T00:30:00Z"), "Europe/Paris", True),
        (datetime.fromisoformat("2026-11-21T23:30:00Z"), "Europe/Paris", True),
        (datetime.fromisoformat("2026-11-21T22:30:00Z"), "Europe/Paris", False),
        (datetime.fromisoformat("2026-11-21T23:30:00Z"), "UTC", False),
    ],
    ids=["never", "this morning", "after midnight there", "yesterday there", "yesterday in UTC"],
)
def test_a_day_is_one_of_the_organisations_calendar(invited_at: datetime | None, zone: str, today: bool) -> None:
    assert invited_today(replace(CUSTOMER, invited_at=invited_at), zone=zone, now=NOW) is today


@pytest.mark.parametrize(
    ("customer", "kind", "noted"),
    [
        pytest.param(
            CUSTOMER,
            "portal_invitation",
            {"status": "invited", "invitations": 1, "invited_at": NOW + DAY, "asked_at": NOW + DAY, "remind_at": NOW + 4 * DAY},
            id="the first invitation begins the reminders",
        ),
        pytest.param(
            INVITED,
            "portal_invitation",
            {"invitations": 2, "invited_at": NOW + DAY, "asked_at": NOW + DAY, "remind_at": NOW + 4 * DAY},
            id="another begins them anew",
        ),
        pytest.param(INVITED, "portal_reminder", {"invitations": 2, "invited_at": NOW + DAY}, id="a reminder does not"),
        pytest.param(
            replace(CUSTOMER, status="accepted"),
            "portal_invitation",
            {"invitations": 1, "invited_at": NOW + DAY},
            id="accepted in the meantime: stays so, and no reminder follows",
        ),
        pytest.param(
            replace(INVITED, asked_at=NOW + 2 * DAY, invited_at=NOW + 2 * DAY),
            "portal_invitation",
            {"invitations": 2},
            id="told late of an older one",
        ),
    ],
)
def test_the_customer_is_updated_after_sending(customer: Customer, kind: Any, noted: dict[str, Any]) -> None:
    assert after_sending(customer, kind, NOW + DAY, DAYS) == replace(customer, **noted)
