"""Processes that are started from a server without threads, so that they may be forked quickly."""

from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext


@cache
def processes() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.live.ledger.crowd", "tests.live.ledger.deeds"])
    return context
