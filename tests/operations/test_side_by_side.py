"""What is done for each of many is done several at once, for the actor of the caller, and for all though one fails."""

from threading import Barrier

import pytest

from chalicelib.operations.side_by_side import AT_ONCE, FEW, for_each
from chalicelib.rules.actor import CLOCK, Actor
from chalicelib.tables.actor import acting, current

MANY = AT_ONCE * (FEW // AT_ONCE + 1)


def test_as_many_at_once_as_there_are_threads() -> None:
    together = Barrier(AT_ONCE)
    for_each(range(MANY), lambda _: together.wait(30))


def test_each_once_for_the_actor_of_the_caller() -> None:
    done: list[tuple[int, Actor | None]] = []
    for count in (0, 1, FEW, MANY):
        done.clear()
        with acting(CLOCK):
            for_each(range(count), lambda item: done.append((item, current())))
        assert sorted(item for item, _ in done) == [*range(count)]
        assert {actor for _, actor in done} <= {CLOCK}


def test_a_fault_is_raised_after_the_others_were_done() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 3:
            raise ValueError(item)
        done.append(item)

    with pytest.raises(ValueError, match="3"):
        for_each(range(MANY), work)
    assert sorted(done) == [item for item in range(MANY) if item != 3]
