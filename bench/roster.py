"""P6: the roster of a session with 500 registrations, compared with the bare query of the same rows."""

import time
import uuid
from collections.abc import Callable, Iterator
from statistics import median

from bench.figures import Figure, at_most
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations.registrations import register
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.tables import keys

PEOPLE = 500
ROUNDS = 9


def figures() -> Iterator[Figure]:
    session_id = session(PEOPLE)
    for number in range(PEOPLE):
        _register(session_id, f"person{number}@example.org")
    bare, ours, cpu = [], [], []
    for _ in range(ROUNDS):
        bare.append(_seconds(time.perf_counter, lambda: _rows(session_id)))
        ours.append(_seconds(time.perf_counter, lambda: read_roster(ORG, session_id, now=now())))
        cpu.append(_seconds(time.process_time, lambda: read_roster(ORG, session_id, now=now())))
    yield at_most("P6", f"roster of {PEOPLE}: our time to the bare query's", median(ours) / median(bare), 1.3, "×")
    yield at_most("P6", f"roster of {PEOPLE}: processor time", median(cpu) * 1000, 120, "ms")


def _register(session_id: str, email: str) -> None:
    body = RegistrationInput(email=email, name="A Person", participants=[ParticipantInput(name="A Child")])
    register(ORG, session_id, body, locale="en", key=uuid.uuid4().hex, now=now())


def _rows(session_id: str) -> None:
    query = {
        "TableName": config().rosters_table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": keys.roster(ORG, session_id)}},
    }
    page = clients.dynamodb().query(**query)  # type: ignore[arg-type]
    while "LastEvaluatedKey" in page:
        page = clients.dynamodb().query(**query, ExclusiveStartKey=page["LastEvaluatedKey"])  # type: ignore[arg-type]


def _seconds(clock: Callable[[], float], work: Callable[[], object]) -> float:
    began = clock()
    work()
    return clock() - began
