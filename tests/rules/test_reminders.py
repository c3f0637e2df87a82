"""The due times of reminders, and quiet hours."""

from datetime import UTC, datetime, time, timedelta

import pytest

from chalicelib.rules.organisations import QuietHours
from chalicelib.rules.reminders import Decision, decide, first_check, quiet

INVITED = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
DAYS = (3, 7, 14)
NIGHT = QuietHours(time(21), time(8))


def after(days: float) -> datetime:
    return INVITED + timedelta(days=days)


def test_days_count_from_the_invitation_and_their_number_is_the_cap() -> None:
    check_at, reminded = first_check(INVITED, DAYS), []
    while check_at:
        assert not decide(INVITED, DAYS, since=check_at, now=check_at - timedelta(seconds=1)).remind
        decision = decide(INVITED, DAYS, since=check_at, now=check_at)
        reminded += [check_at] * decision.remind
        check_at = decision.next_check_at
    assert reminded == [after(3), after(7), after(14)]


@pytest.mark.parametrize(
    ("now", "decision"),
    [
        (after(8), Decision(True, after(14))),
        (after(40), Decision(True, None)),
        (after(3) + timedelta(hours=11), Decision(True, after(7))),
    ],
)
def test_whatever_was_missed_is_one_reminder(now: datetime, decision: Decision) -> None:
    assert decide(INVITED, DAYS, since=after(3), now=now) == decision


@pytest.mark.parametrize(
    ("days", "decision"),
    [
        ((5,), Decision(False, after(5))),
        ((1, 2), Decision(False, None)),
        ((4,), Decision(True, None)),
        ((), Decision(False, None)),
    ],
)
def test_the_settings_as_they_are_now_decide(days: tuple[int, ...], decision: Decision) -> None:
    assert decide(INVITED, days, since=after(3), now=after(4)) == decision


def test_none_comes_when_the_invitation_has_run_out() -> None:
    assert first_check(INVITED, DAYS, until=after(3)) is None
    assert first_check(INVITED, DAYS, until=after(4)) == after(3)
    assert decide(INVITED, DAYS, since=after(3), now=after(3), until=after(7)) == Decision(True, None)
    assert decide(INVITED, DAYS, since=after(3), now=after(7), until=after(7)) == Decision(False, None)


def test_invitations_sent_while_reminders_are_off_are_checked_later() -> None:
    check_at = first_check(INVITED, ())
    assert check_at == after(1)
    assert decide(INVITED, DAYS, since=check_at, now=after(2)) == Decision(False, after(3))
    assert decide(INVITED, DAYS, since=check_at, now=after(9)) == Decision(True, after(14))


@pytest.mark.parametrize(
    ("hours", "now", "is_quiet"),
    [
        (NIGHT, "2026-11-22T19:59:59Z", False),
        (NIGHT, "2026-11-22T20:00:00Z", True),
        (NIGHT, "2026-11-23T02:00:00Z", True),
        (NIGHT, "2026-11-23T06:59:59Z", True),
        (NIGHT, "2026-11-23T07:00:00Z", False),
        (NIGHT, "2026-07-01T06:00:00Z", False),
        (NIGHT, "2026-07-01T05:59:59Z", True),
        (NIGHT, "2026-07-01T19:00:00Z", True),
        (QuietHours(time(12), time(14)), "2026-11-22T11:00:00Z", True),
        (QuietHours(time(12), time(14)), "2026-11-22T13:00:00Z", False),
        (QuietHours(time(2), time(3)), "2026-03-29T00:59:59Z", False),
        (QuietHours(time(2), time(3)), "2026-03-29T01:00:00Z", False),
        (QuietHours(time(2), time(3)), "2026-10-25T00:30:00Z", True),
        (QuietHours(time(2), time(3)), "2026-10-25T01:30:00Z", True),
        (QuietHours(time(2), time(3)), "2026-10-25T02:00:00Z", False),
        (None, "2026-11-23T02:00:00Z", False),
    ],
)
def test_quiet_hours_go_by_the_clocks_of_the_zone(hours: QuietHours | None, now: str, is_quiet: bool) -> None:
    """Over midnight, in winter and summer, in the skipped hour of spring and in the repeated hour of autumn."""
    assert quiet(hours, "Europe/Paris", datetime.fromisoformat(now)) is is_quiet
