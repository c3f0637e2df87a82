"""Does the same for each of many, several at once: most of the time of a request to AWS is spent waiting for its answer.

A stream's function has a minute. Four thousand people who are told of a change, one after another, can take longer.
"""

from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import TypeVar

AT_ONCE = 8
FEW = 25
"""So many are done one after another: threads would gain nothing that anybody notices."""

T = TypeVar("T")


def for_each(items: Iterable[T], work: Callable[[T], object]) -> None:
    """Call `work` with each item, in no order. Raises what it raises for one of them, after the others were done."""
    waiting = deque(items)
    if len(waiting) <= FEW:
        _work_off(waiting, work)
        return
    from concurrent.futures import ThreadPoolExecutor  # Imported here, since few sessions are that large.

    with ThreadPoolExecutor(AT_ONCE) as pool:
        working = [pool.submit(copy_context().run, _work_off, waiting, work) for _ in range(AT_ONCE)]
    for one in working:
        one.result()


def _work_off(waiting: deque[T], work: Callable[[T], object]) -> None:
    while True:
        try:
            item = waiting.popleft()
        except IndexError:
            return
        work(item)
