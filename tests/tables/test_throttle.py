"""Counts of attempts."""

from datetime import datetime, timedelta

import pytest

from chalicelib.rules.auth import TooManyAttempts
from chalicelib.tables import dynamodb, keys, throttle

KEY = keys.throttle("test", "ana@example.org")
MINUTE = timedelta(minutes=1)


def _count(now: datetime) -> None:
    throttle.count(KEY, most=3, within=MINUTE, now=now)


def test_the_limit_is_exact_and_ends_with_its_time(tables: None, now: datetime) -> None:
    for second in (0, 10, 59):
        _count(now + timedelta(seconds=second))
    with pytest.raises(TooManyAttempts) as refused:
        _count(now + timedelta(seconds=59))
    assert refused.value.retry_after == 1
    for _ in range(3):
        _count(now + MINUTE)
    with pytest.raises(TooManyAttempts) as refused:
        _count(now + MINUTE)
    assert refused.value.retry_after == 60


def test_a_count_that_was_forgotten_begins_anew(tables: None, now: datetime) -> None:
    throttle.forget(KEY)
    for _ in range(2):
        for _ in range(3):
            _count(now)
        throttle.forget(KEY)


def test_who_begins_anew_at_the_same_moment_as_another_is_counted_with_them(
    tables: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _count(now)
    lost: list[bool] = []
    update = dynamodb.update

    def another_is_first(*args: object, **named: object) -> object:
        if args[3] == throttle.over(int((now + MINUTE).timestamp())) and not lost:
            lost.append(True)
            update(*args, **named)  # type: ignore[arg-type]
        return update(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(dynamodb, "update", another_is_first)
    _count(now + MINUTE)
    monkeypatch.setattr(dynamodb, "update", update)
    _count(now + MINUTE)
    with pytest.raises(TooManyAttempts):
        _count(now + MINUTE)
    assert lost


def test_no_address_is_kept() -> None:
    assert "ana" not in KEY.pk
