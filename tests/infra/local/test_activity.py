"""Streams and queues are read often while the stack is used, and seldom otherwise; what happens ends a long pause at once."""

import threading

import pytest

from infra.local import activity as module
from infra.local.activity import LIVELY_SECONDS, Activity


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Pauses(threading.Event):
    """Keeps the short pauses instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.short: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.short.append(timeout)
        return self.is_set()


@pytest.fixture
def clock() -> Hands:
    return Hands()


def test_while_it_is_used_pauses_are_short(clock: Hands) -> None:
    activity, pauses = Activity(clock), Pauses()
    activity.pause(0.1, pauses)
    clock.at = LIVELY_SECONDS + 1
    activity.noting(lambda: None)()
    activity.pause(0.1, pauses)
    assert pauses.short == [0.1, 0.1]


def test_a_handler_that_fails_is_noted_too(clock: Hands) -> None:
    activity, pauses = Activity(clock), Pauses()
    clock.at = LIVELY_SECONDS + 1

    def fails() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        activity.noting(fails)()
    activity.pause(0.1, pauses)
    assert pauses.short == [0.1]


def test_when_nobody_uses_it_the_pause_is_long_until_something_happens(clock: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SELDOM_SECONDS", 60.0)
    activity, pauses = Activity(clock), Pauses()
    clock.at = LIVELY_SECONDS
    waiting = threading.Thread(target=activity.pause, args=(0.1, pauses), daemon=True)
    waiting.start()
    waiting.join(0.05)
    assert (waiting.is_alive(), pauses.short) == (True, [])
    activity.note()
    waiting.join(10)
    assert (waiting.is_alive(), pauses.short) == (False, [])


def test_a_stack_that_ends_does_not_wait(clock: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SELDOM_SECONDS", 60.0)
    activity, pauses = Activity(clock), Pauses()
    clock.at = LIVELY_SECONDS
    pauses.set()
    activity.pause(0.1, pauses)
    assert pauses.short == [0.1]
