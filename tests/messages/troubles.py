"""Everything that goes wrong while messages are sent: processes die at every step, SES throttles, records come three times and shuffled."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.events import messages as message_events
from chalicelib.operations import jobs as job_operations
from chalicelib.operations import links
from chalicelib.operations.messages import queue, redrive, sending
from chalicelib.settings import settings
from chalicelib.tables import customers, jobs, keys, messages, organisations
from tests.messages.guests import everybody, known, link_of, mail_to
from tests.messages.post_office import Chance, Clock, Crash, Lambda, Record, Ses, in_threes_and_shuffled, refusal
from tests.messages.worker import Sqs, Worker

SEED = 20261122
DEATHS = 0.05
THROTTLED = 0.05
UNMARKED = {"after ses", "before mark"}


def check_none_is_lost(number: int, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send so many messages through every trouble; check that each left, and twice only what died between SES's yes and our mark."""
    expected = queue_many(number, now)
    chance = Chance(DEATHS, random.Random(SEED))
    steps = {
        "lease": (messages, "take"),
        "wishes": (organisations, "wishes"),
        "letter": (sending, "letter"),
        "mark": (messages, "mark_sent"),
    }
    risk(monkeypatch, chance, steps)
    trouble(ses, chance)
    clock = Clock(now)
    stream = Lambda(lambda event: message_events.handle(event, clock=clock), pause=lambda: clock.go_on(0.5))
    stream.deliver(list(in_threes_and_shuffled(records(expected), chance.dice)), batch=3)
    drive_until_all_left(clock)
    repeats = len(ses.sent) - number
    unmarked = sum(place in UNMARKED for place in chance.deaths)
    print(f"{number} messages, {len(chance.deaths)} deaths: 0 lost, {repeats} sent again after {unmarked} deaths between yes and mark")
    assert set(ses.ids()) == set(expected), "none is lost"
    assert repeats <= unmarked, "twice only between SES's yes and our mark"
    assert {*zip(ses.ids(), (text.splitlines()[0] for text in ses.texts), strict=True)} == {*expected.items()}, (
        "repeats carry the same link"
    )
    assert Counter(message.state for own in expected if (message := messages.get("demo", own))) == {"sent": number}


def check_bulk_loses_nobody(number: int, sqs: Sqs, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invite so many customers through every trouble; check that each is invited once, but for deaths between SES's yes and our mark."""
    owns, chance = known(number, now=now), Chance(DEATHS, random.Random(SEED))
    job = everybody(now)
    _do_the_job(job, sqs, now, chance, monkeypatch)
    queued = {own: mail_to(own)[0] for own in owns}
    clock = Clock(now)
    told = records(message.id for message in queued.values())
    _carry(list(in_threes_and_shuffled(told, chance.dice)), clock, ses, chance, monkeypatch)
    drive_until_all_left(clock)
    left = [_left(record) for record in records(message.id for message in queued.values())]
    _carry([*left[::-1], *left], clock, ses, chance, monkeypatch)
    repeats, unmarked = len(ses.sent) - number, sum(place in UNMARKED for place in chance.deaths)
    print(f"{number} invited, {len(chance.deaths)} deaths: 0 lost, {repeats} sent again after {unmarked} deaths between yes and mark")
    assert Counter(len(mail_to(own)) for own in owns) == {1: number}, "nobody has two messages"
    assert set(ses.recipients) == {f"{own}@example.org" for own in owns}, "none is lost"
    assert repeats <= unmarked, "twice only between SES's yes and our mark"
    assert {text.splitlines()[0] for text in ses.texts} == {link_of(own) for own in owns}, "every link that went out is the one that works"
    people = [customers.get("demo", own) for own in owns]
    assert Counter((one.status, one.invitations) for one in people) == {("invited", 1): number}


def steps_of_bulk(monkeypatch: pytest.MonkeyPatch, chance: Chance, sqs: Sqs) -> None:
    steps: dict[str, tuple[Any, str]] = {
        "read": (jobs, "get"),
        "items": (jobs, "items"),
        "find": (customers, "find"),
        "before": (messages, "find"),
        "message": (messages, "add"),
        "link": (customers, "replace_link"),
        "progress": (jobs, "save"),
        "queue": (sqs, "send_message"),
    }
    risk(monkeypatch, chance, steps)


def _do_the_job(job: str, sqs: Sqs, now: datetime, chance: Chance, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(sqs, now, random.Random(SEED), repeats=0.3)
    with monkeypatch.context() as at_risk:
        steps_of_bulk(at_risk, Chance(DEATHS / 5, chance.dice, chance.deaths), sqs)
        worker.work()
    while job_operations.read_job("demo", job).open:
        job_operations.wake_left_behind("demo", now=now + timedelta(minutes=11))
        worker.work()
    assert job_operations.read_job("demo", job).status == "done"


def _carry(told: list[Record], clock: Clock, ses: Ses, chance: Chance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry the records, with one among them that nobody can read."""
    poison: Record = {"dynamodb": {"SequenceNumber": "poison", "Keys": {}, "NewImage": {"pk": {"S": "demo#x"}}}}
    stream = Lambda(lambda event: message_events.handle(event, clock=clock), pause=lambda: clock.go_on(0.5))
    steps = {
        "lease": (messages, "take"),
        "wishes": (organisations, "wishes"),
        "letter": (sending, "letter"),
        "mark": (messages, "mark_sent"),
        "note": (customers, "note_sent"),
    }
    with monkeypatch.context() as at_risk:
        risk(at_risk, chance, steps)
        trouble(ses, chance)
        stream.deliver([*told, poison], batch=3)
    ses.before = ses.after = lambda: None
    waiting, stream.set_aside = stream.set_aside, []
    stream.deliver(waiting)
    assert stream.set_aside == [poison], "what else was set aside is replayed; the poison holds up nobody"


def _left(record: Record) -> Record:
    """Return the record of the change by which a message became what it is now: sent."""
    images = record["dynamodb"]
    return {"dynamodb": {**images, "OldImage": {**images["NewImage"], "state": {"S": "sending"}}}}


def queue_many(number: int, now: datetime) -> dict[str, str]:
    """Queue so many messages and return the link that each is to carry."""
    made = {}
    for place in range(number):
        data, locale = {"user": f"user-{place}", "nonce": "n"}, ("en", "fr")[place % 2]
        own = queue(kind="password_reset", org="demo", to=f"{place}@example.org", locale=locale, data=data, key=str(place), now=now)
        made[own] = links.password_reset_link(f"user-{place}", "n")
    return made


def records(ids: Iterable[str]) -> list[Record]:
    """Return the records that the stream carries of these messages."""
    made = []
    for place, own in enumerate(ids):
        key = keys.message("demo", own).stored()
        row = clients.dynamodb().get_item(TableName=settings().messages_table, Key=key)["Item"]
        made.append({"dynamodb": {"SequenceNumber": str(place), "Keys": key, "NewImage": row}})
    return made


def risk(monkeypatch: pytest.MonkeyPatch, chance: Chance, steps: dict[str, tuple[Any, str]]) -> None:
    for step, (where, name) in steps.items():
        monkeypatch.setattr(where, name, chance.around(step, getattr(where, name)))


def trouble(ses: Ses, chance: Chance) -> None:
    """Let SES throttle now and then, and processes die right before and after its yes."""

    def before() -> None:
        chance.maybe("before ses")
        if chance.dice.random() < THROTTLED:
            raise refusal("TooManyRequestsException")

    ses.before, ses.after = before, lambda: chance.maybe("after ses")


def drive_until_all_left(clock: Clock) -> None:
    """What the schedule does every minute, dying now and then itself."""
    for _ in range(200):
        clock.go_on(61)
        if not messages.unsent("demo", clock.now):
            return
        try:
            redrive("demo", now=clock.now)
        except Crash:
            continue
    raise AssertionError("messages are left")
