"""Streams and queues are read often while something happens, and the less often the longer nothing has, until something does."""

import threading

import pytest

from infra.local.activity import SELDOM_SECONDS, Activity


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


class Waits(threading.Condition):
    """Keeps the long pauses instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.long: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.long.append(timeout)
        return False


class Begun(threading.Condition):
    """Says that somebody waits, who still has the lock: what is notified afterwards is not missed."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.set()
        return super().wait(timeout)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def waits(clock: Hands) -> Waits:
    return Waits()


@pytest.fixture
def activity(clock: Hands, waits: Waits) -> Activity:
    made = Activity(clock)
    made._happens = waits
    return made


def test_while_it_is_used_pauses_are_short(activity: Activity, clock: Hands, waits: Waits) -> None:
    pauses = Pauses()
    activity.pause(0.1, pauses)
    clock.at = 60
    activity.noting(lambda: None)()
    activity.pause(0.1, pauses)
    assert (pauses.short, waits.long) == ([0.1, 0.1], [])


def test_a_handler_that_fails_is_noted_too(activity: Activity, clock: Hands, waits: Waits) -> None:
    clock.at = 60

    def fails() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        activity.noting(fails)()
    activity.pause(0.1, Pauses())
    assert waits.long == []


def test_the_longer_nothing_has_happened_the_longer_is_the_pause(activity: Activity, clock: Hands, waits: Waits) -> None:
    for clock.at in (1, 3, 3600):
        activity.pause(0.1, Pauses())
    assert waits.long == [0.5, 1.5, SELDOM_SECONDS]


def test_what_happens_ends_a_long_pause(clock: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.local.activity.SELDOM_SECONDS", 3600.0)
    activity, pauses, begun = Activity(clock), Pauses(), Begun()
    activity._happens, clock.at = begun, 7200
    waiting = threading.Thread(target=activity.pause, args=(0.1, pauses), daemon=True)
    waiting.start()
    assert begun.waits.wait(60)
    activity.note()
    waiting.join(60)
    assert (waiting.is_alive(), pauses.short) == (False, [0.1])


def test_a_stack_that_ends_does_not_wait(activity: Activity, clock: Hands, waits: Waits) -> None:
    pauses = Pauses()
    clock.at = 60
    pauses.set()
    activity.pause(0.1, pauses)
    assert waits.long == []
