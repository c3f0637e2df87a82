"""Everything that goes wrong while messages are sent: processes die at every step, SES throttles, records come three times and shuffled."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.events import messages as message_events
from chalicelib.operations import links
from chalicelib.operations.messages import queue, redrive, sending
from chalicelib.settings import settings
from chalicelib.tables import keys, messages, organisations
from tests.messages.post_office import Chance, Clock, Crash, Lambda, Record, Ses, in_threes_and_shuffled, refusal

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
