"""P4: the processor time of operations, compared with that of the boto3 calls that they make."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from bench.codes import codes_for, registration_with
from bench.figures import Figure, at_most
from bench.requests_each import acceptance, invite
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.operations import codes, invitations, links

ROUNDS, TIMES = 9, 40


def figures() -> Iterator[Figure]:
    session_id = session(2000)
    yield from _operation("invite", lambda: invite(session_id))
    tokens = [links.invitation_token(invite(session_id).invitation) for _ in range(ROUNDS * TIMES + 1)]
    accept = iter(tokens)
    yield from _operation("accept", lambda: invitations.accept(next(accept), acceptance(uuid.uuid4().hex), locale="en", now=now()))
    redeem = map(registration_with, codes_for(session_id, ROUNDS * TIMES + 1))
    yield from _operation(
        "redeem",
        lambda: codes.book(ORG, session_id, next(redeem), locale="en", key=uuid.uuid4().hex, source="192.0.2.1", now=now()),
    )


def _each(do: Callable[[], Any]) -> float:
    """Return the processor seconds of one, of many."""
    began = time.process_time()
    for _ in range(TIMES):
        do()
    return (time.process_time() - began) / TIMES


def _operation(name: str, do: Callable[[], object]) -> Iterator[Figure]:
    do()
    ratios = []
    for _ in range(ROUNDS):
        with _within_boto3() as spent:
            whole = _each(do) * TIMES
        ratios.append(whole / sum(spent))
    yield at_most("P4", f"{name}: processor time to that of its boto3 calls", median(ratios), 1.25, "×")


@contextmanager
def _within_boto3() -> Iterator[list[float]]:
    """Collect the processor seconds of each call of the DynamoDB client."""
    client, spent = clients.dynamodb(), list[float]()
    call = client._make_api_call  # type: ignore[attr-defined]

    def timed(*arguments: Any) -> Any:
        began = time.process_time()
        try:
            return call(*arguments)
        finally:
            spent.append(time.process_time() - began)

    client._make_api_call = timed  # type: ignore[attr-defined]
    try:
        yield spent
    finally:
        del client._make_api_call  # type: ignore[attr-defined]
