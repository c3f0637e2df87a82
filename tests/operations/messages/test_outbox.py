"""R5: many messages while processes die, SES throttles, and records come three times in any order. None is lost.

Twice goes out only what left between SES's yes and our mark; and it is the same e-mail with the same link. tests/live sends a thousand.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.events import messages as message_events
from chalicelib.events import rosters as roster_events
from chalicelib.operations import reactions
from chalicelib.operations.messages import outbox, queue
from chalicelib.operations.messages import ses as ses_module
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys, messages, organisations, registrations
from chalicelib.tables.conditions import THERE, Update
from tests.operations.faults import DEATHS, SEED, check_none_is_lost, drive_until_all_left, inject_crashes, queue_many
from tests.operations.simulated_aws import Clock, Crash, Crashes, Lambda, Record, Ses, Streams, in_threes_and_shuffled
from tests.operations.test_reactions import accepted, invited


@pytest.fixture
def dice() -> random.Random:
    return random.Random(SEED)


def test_two_hundred_messages_through_every_trouble(
    organisation: Organisation, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_none_is_lost(200, ses, now, monkeypatch)


def test_dying_after_every_single_step_loses_nothing(
    organisation: Organisation, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[Any, str]] = [
        (messages, "take"),
        (organisations, "email_preferences"),
        (outbox, "letter"),
        (ses_module, "post"),
        (messages, "mark_sent"),
    ]
    for index, (where, name) in enumerate(steps):
        own = queue(
            kind="password_reset",
            org="demo",
            to=f"{name}@example.org",
            locale="en",
            data={"user": "u", "nonce": "n"},
            key=str(index),
            now=now,
        )
        with monkeypatch.context() as patched:
            patched.setattr(where, name, dying_after(getattr(where, name)))
            with pytest.raises(Crash):
                outbox.send("demo", own, now=now)
    clock = Clock(now)
    drive_until_all_left(clock)
    assert Counter(ses.recipients) == {
        "take@example.org": 1,
        "email_preferences@example.org": 1,
        "letter@example.org": 1,
        "post@example.org": 2,
        "mark_sent@example.org": 1,
    }


def dying_after(call: Callable[..., Any]) -> Callable[..., Any]:
    def die(*args: Any, **named: Any) -> Any:
        call(*args, **named)
        raise Crash

    return die


def test_from_the_roster_on_nothing_is_lost_either(
    open_session: Callable[..., Session], streams: Streams, ses: Ses, now: datetime, dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_session(spots_total=30)
    invitations = [invited(f"{index}@example.org", now=now) for index in range(20)]
    bookings = [accepted(invitation, now=now) for invitation in invitations[::2]]
    crashes = Crashes(DEATHS, dice)
    stream = Lambda(lambda event: roster_events.handle(event, clock=lambda: now))
    with monkeypatch.context() as patched:
        inject_crashes(patched, crashes, {"queue": (reactions.invitations, "queue_new"), "confirm": (registrations, "mark_confirmed")})
        stream.deliver(list(in_threes_and_shuffled(streams.rosters.read(), dice)), batch=3)
    assert stream.set_aside == []
    streams.drain(now)
    assert crashes.deaths
    assert not crashes.unreached, crashes.unreached
    confirmed = {f"{booking.email}: You are registered: Pottery" for booking in bookings}
    expected = {f"{invitation.email}: Atelier Lumière invites you to Pottery" for invitation in invitations[1::2]}
    assert sorted(f"{to}: {subject}" for to, subject in zip(ses.recipients, ses.subjects, strict=True)) == sorted(confirmed | expected)


def test_poison_holds_up_no_neighbour_and_can_be_replayed(organisation: Organisation, streams: Streams, ses: Ses, now: datetime) -> None:
    queue_many(5, now)
    poison = queue(kind="password_reset", org="demo", to="poison@example.org", locale="en", data={"user": "u"}, key="poison", now=now)
    records = sorted(streams.messages.read(), key=lambda record: not poisonous(record, poison))
    stream = Lambda(lambda event: message_events.handle(event, clock=lambda: now))
    stream.deliver(records)
    assert len(ses.sent) == 5
    assert [poisonous(record, poison) for record in stream.set_aside] == [True]
    cure(poison)
    Lambda(lambda event: message_events.handle(event, clock=lambda: now)).deliver(stream.set_aside)
    assert ses.recipients[-1] == "poison@example.org"


def poisonous(record: Record, poison: str) -> bool:
    return bool(record["dynamodb"]["Keys"]["pk"]["S"] == f"demo#{poison}")


def cure(poison: str) -> None:
    dynamodb.update(
        config().messages_table,
        keys.message("demo", poison),
        Update().set(data={"user": "u", "nonce": "n"}),
        THERE,
    )


def test_a_record_that_nobody_can_read_holds_up_no_neighbour(
    open_session: Callable[..., Session], streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    invited("ana@example.org", now=now)
    records = streams.rosters.read()
    garbage: Record = {"dynamodb": {"SequenceNumber": "0", "Keys": {}, "NewImage": {"pk": {"S": "demo#s1"}, "sk": {"S": "1#LEDGER#00"}}}}
    stream = Lambda(lambda event: roster_events.handle(event, clock=lambda: now))
    stream.deliver([garbage, *records])
    streams.drain(now)
    assert stream.set_aside == [garbage]
    assert ses.recipients == ["ana@example.org"]
