"""Processes that are started from a server without threads, so that they may be forked quickly."""

import os
import signal
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from typing import Any

from tests.conftest import ENVIRONMENT
from tests.live.ledger.deeds import Deed, killed, prepared
from tests.live.ledger.scene import assert_lawful


@cache
def processes() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.live.ledger.crowd", "tests.live.ledger.deeds", "tests.live.codes.deeds"])
    return context


def environment() -> dict[str, str]:
    """Return what a process needs to work on this test's tables."""
    return {name: os.environ[name] for name in (*ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB")}


def crashed(deed: Deed, step: int) -> tuple[str, Any]:
    """Let a process be killed once its request of this number has been executed; on other chunks the deed may take fewer."""
    session, subject = prepared(deed)
    process = processes().Process(target=killed, args=(environment(), deed, session, subject, step))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL or (process.exitcode == 0 and step > 1)
    assert_lawful(session)
    return session, subject
