"""Changes of a session within minutes, on DynamoDB Local: staff, streams, schedules and senders at once, and processes that die.

Whatever they do, everybody gets one e-mail about the first change and one about the others, and the last one says what is so.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.operations import reactions
from chalicelib.operations.messages import dispatch, outbox
from chalicelib.operations.sessions import edit_session
from chalicelib.rules import change_notices
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, dynamodb, messages, sessions
from chalicelib.tables.conditions import ALWAYS, absent
from chalicelib.tables.messages import writes as message_writes
from tests.live.ledger.fault_injection import Control, Patch, check_noticed
from tests.live.ledger.scenario import NOW, open_session
from tests.operations.faults import inject_crashes
from tests.operations.simulated_aws import Crash, Crashes, Ses
from tests.operations.simulated_queue import join

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
PEOPLE, WORKERS, MINUTE = 4, 4, timedelta(minutes=1)


class Office:
    """A session with people, the versions that were saved, and the e-mails that left."""

    def __init__(self, patch: Patch) -> None:
        self.ses, self.saved = Ses(), list[tuple[Session, Session]]()
        self.ses.install(patch)
        self.session = open_session(PEOPLE, org="demo")
        for number in range(PEOPLE):
            join(self.session, f"{number}@example.org", now=NOW)
        self._watch(patch)

    def _watch(self, patch: Patch) -> None:
        real = sessions.save

        def save(session: Session, *arguments: Any, was: Session) -> Session:
            saved = real(session, *arguments, was=was)
            self.saved.append((was, saved))
            return saved

        patch.setattr(sessions, "save", save)

    def move(self, location: str, now: datetime) -> None:
        with suppress(ChangedMeanwhile):
            edit_session("demo", self.session, SessionChanges(location=location), expected=None, now=now)

    def follow(self, now: datetime) -> None:
        """Follow every record in order, as the stream does, again from the first one after a crash."""
        for was, saved in sorted(self.saved, key=lambda change: change[1].version):
            until_done(partial(reactions.session_moved, was, saved, now=now))

    def send(self, now: datetime) -> None:
        until_done(lambda: dispatch(now=now, leaves_at=now))
        for message in messages.about_session("demo", self.session, limit=200, start=None)[0]:
            until_done(partial(outbox.send, "demo", message.id, now=now))

    def follow_and_send(self, now: datetime) -> None:
        self.follow(now)
        self.send(now)

    def send_and_follow(self, now: datetime) -> None:
        self.send(now)
        self.follow(now)

    @property
    def notices(self) -> dict[str, list[str]]:
        """The places that each person was told, in order."""
        found = defaultdict[str, list[str]](list)
        for request in self.ses.sent:
            text = request["Content"]["Simple"]["Body"]["Text"]["Data"]
            if "New" in request["Content"]["Simple"]["Subject"]["Data"]:
                found[request["Destination"]["ToAddresses"][0]].append(next(word for word in text.split() if word.startswith("Room")))
        return found

    @property
    def location(self) -> str:
        return booking_context.roster("demo", self.session).session.location


def until_done(step: Callable[[], object]) -> None:
    while True:
        try:
            step()
        except Crash:
            continue
        return


def at_once(step: Callable[[int], object]) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(step, range(WORKERS)))


def check_two_e_mails_each() -> None:
    crashes = Crashes(0.05, random.Random(20261129))
    steps = {"message": (messages, "add"), "lease": (messages, "take"), "letter": (outbox, "letter")}
    with Patch.context() as patch:
        office = Office(patch)
        inject_crashes(patch, crashes, steps)
        office.move("Room-0", NOW)
        at_once(lambda _: office.follow(NOW))
        at_once(lambda _: office.send(NOW))
        at_once(lambda number: office.move(f"Room-{number + 1}", NOW + MINUTE))
        at_once(lambda _: office.follow_and_send(NOW + MINUTE))
        office.send(NOW + 2 * MINUTE)  # What died with its lease.
        due = NOW + change_notices.GATHER
        at_once(lambda _: office.send_and_follow(due))
        office.send(due + 2 * outbox.LEASE)
        assert set(office.notices) == {f"{number}@example.org" for number in range(PEOPLE)}
        for notices in office.notices.values():
            assert notices[-1] == office.location
            assert len(notices) == len(set(notices)) <= 2
        assert crashes.deaths
        assert not crashes.unreached, crashes.unreached


def check_changes_within_minutes_are_one_e_mail() -> None:
    with Patch.context() as patch:
        office = Office(patch)
        for minutes in range(4):
            office.move(f"Room-{minutes}", NOW + minutes * MINUTE)
            office.follow_and_send(NOW + minutes * MINUTE)
        office.send(NOW + change_notices.GATHER)
        assert office.notices["0@example.org"] == ["Room-0", "Room-3"]


def check_a_change_that_is_saved_while_the_e_mail_leaves() -> None:
    with Patch.context() as patch:
        office = Office(patch)
        for location, moment in (("Room-0", NOW), ("Room-1", NOW + MINUTE)):
            office.move(location, moment)
            office.follow(moment)
            office.send(moment)
        due, real = NOW + change_notices.GATHER, sessions.save

        def late(*arguments: Any, **more: Any) -> Session:
            office.send(due)
            return real(*arguments, **more)

        with Patch.context() as slow:
            slow.setattr(sessions, "save", late)
            office.move("Room-2", due - timedelta(seconds=29))
        office.follow(due)
        office.send(due + change_notices.GATHER)
        assert office.notices["0@example.org"] == ["Room-0", "Room-1", "Room-2"]


def added_over_what_is_there(patch: Patch) -> None:
    patch.setattr(dynamodb, "put_new", lambda table, item: dynamodb.put(table, item, ALWAYS))


def leaves_before_it_is_due(patch: Patch) -> None:
    patch.setattr(message_writes, "absent", lambda name: absent("never" if name == "due_at" else name))


def takes_in_changes_until_it_leaves(patch: Patch) -> None:
    patch.setattr(change_notices, "SAVED_BY", timedelta(0))


CONTROLS = {
    "a repeated record writes the message again": Control(added_over_what_is_there, check_two_e_mails_each),
    "a message leaves while it gathers": Control(leaves_before_it_is_due, check_changes_within_minutes_are_one_e_mail),
    "a message takes in changes until it leaves": Control(
        takes_in_changes_until_it_leaves, check_a_change_that_is_saved_while_the_e_mail_leaves
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_precaution_that_is_missing_is_noticed(name: str) -> None:
    check_noticed(name, CONTROLS[name])
