"""Processes started by a fork server, which has no threads and so can fork quickly and safely."""

import os
import signal
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from typing import Any

from tests.environment import ENVIRONMENT
from tests.live.ledger.actions import Action, killed, prepared
from tests.live.ledger.scenario import assert_lawful


@cache
def processes() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.live.ledger.preload"])
    return context


def environment() -> dict[str, str]:
    """Return the environment that a process needs to use the tables of this test."""
    return {name: os.environ[name] for name in (*ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB")}


def crashed(action: Action, step: int) -> tuple[str, Any]:
    """Run the action in a process that is killed after the request with this number; on other chunks it may need fewer."""
    session, subject = prepared(action)
    process = processes().Process(target=killed, args=(environment(), action, session, subject, step))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL or (process.exitcode == 0 and step > 1)
    assert_lawful(session)
    return session, subject
