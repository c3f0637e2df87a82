"""Organisation ids in paths, default settings, and the read marks of staff."""

from datetime import timedelta

import pytest

from chalicelib.rules.notifications import ReadMarks, sort_key
from chalicelib.rules.organisations import Organisation, WaitlistSettings, fit_for_id
from tests.samples import MEMBER, NOW


@pytest.mark.parametrize("org", ["a", "demo", "demo-2", "0", "a-b-c", "a" * 40])
def test_what_an_organisation_may_be_called_in_paths(org: str) -> None:
    assert fit_for_id(org)


@pytest.mark.parametrize(
    "org", ["", "Demo", "-demo", "demo-", "de mo", "de.mo", "de_mo", "démo", "demo\n", "a" * 41, "../x", "demo#s"], ids=ascii
)
def test_what_it_may_not_be_called(org: str) -> None:
    assert not fit_for_id(org)


def test_what_holds_until_an_owner_changes_it() -> None:
    made = Organisation("demo", "Demo", NOW)
    assert (made.invitation_days, made.reminder_days, made.forwarding) == (7, (3, 7, 14), "open")
    assert (made.waitlist.mode, made.waitlist.auto_offer, made.public_billing) == ("strict", True, "later")
    assert made.quiet_hours is not None
    assert not made.online_payment


@pytest.mark.parametrize("hours", [1, 24, 720])
def test_an_offer_is_held_for_the_organisations_hours(hours: int) -> None:
    assert WaitlistSettings(offer_hours=hours).lasting == timedelta(hours=hours)


def test_new_staff_have_seen_what_happened_before_they_were_invited() -> None:
    assert MEMBER.has_seen == ReadMarks(sort_key(NOW))
