"""The position that is told on joining follows from a count, on the ledger, that every operation keeps with the entries."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import rosters as roster_events
from chalicelib.operations import links, reconcile_waitlist, waitlist
from chalicelib.operations.invitations import cancel_invitation, decline, sweep
from chalicelib.operations.reconcile import reconcile
from chalicelib.operations.registrations import register, remove_registration
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import booking_context, invitations, keys, ledger
from chalicelib.tables import waitlist as entries
from tests.operations.simulated_aws import Ses, Streams

OpenSession = Callable[..., Session]
ORG, SESSION = "demo", "s1"


@pytest.fixture
def taken(open_session: OpenSession, now: datetime) -> list[Registration]:
    """The registrations of a full session of three."""
    open_session(spots_total=3)
    return [registered(f"r{number}@example.org", now) for number in range(3)]


def registered(email: str, now: datetime) -> Registration:
    draft = RegistrationInput(email=email, name="Ben", participants=[ParticipantInput(name="Kim")], party_size=1)
    return register(ORG, SESSION, draft, locale="en", key=email, now=now).registration


def join(name: str, now: datetime, *, source: str = "") -> waitlist.Joined:
    draft = JoinInput(email=f"{name}@example.org", name="Cleo")
    return waitlist.join(ORG, SESSION, draft, locale="en", key=name, source=source, now=now)


def counted() -> int | None:
    return ledger.read(ORG, SESSION)[0].live_waitlist_entries


def there() -> int:
    return sum(entry.is_live for entry in entries.list_entries(ORG, SESSION))


def leave(entry: WaitlistEntry, now: datetime) -> None:
    waitlist.leave(links.waitlist_token(entry), now=now)


def uncounted() -> None:
    """Take the count away, as in a row of an earlier version."""
    key = keys.chunk(ORG, SESSION, 0).stored()
    clients.dynamodb().update_item(TableName=config().rosters_table, Key=key, UpdateExpression="REMOVE live")


def offered(taken: Registration, now: datetime) -> WaitlistEntry:
    """Free a spot and return the entry that it is offered to."""
    remove_registration(ORG, taken.public_id, by="owner", now=now)
    before = {entry.id for entry in entries.list_entries(ORG, SESSION) if entry.status == "offered"}
    waitlist.advance(ORG, SESSION, now=now)
    (entry,) = (one for one in entries.list_entries(ORG, SESSION) if one.status == "offered" and one.id not in before)
    return entry


def ways_to_end(taken: list[Registration], now: datetime) -> Iterator[str]:
    """Change the waitlist in every way that makes an entry live or not live, or that leaves it live, and name each."""
    waiting = [join(f"w{number}", now + timedelta(seconds=number)).entry for number in range(6)]
    yield "six join"
    leave(waiting[5], now)
    yield "one leaves"
    waitlist.remove_entry(ORG, waiting[4].public_id, by="owner", now=now)
    yield "staff remove one"
    first = offered(taken[0], now)
    yield "one has an offer"
    leave(first, now)
    yield "it leaves with its offer"
    waitlist.advance(ORG, SESSION, now=now)
    second = entries.get(ORG, SESSION, waiting[1].id)
    assert second.status == "offered"
    cancel_invitation(ORG, f"{SESSION}-{second.invitation}", by="owner", now=now)
    waitlist.advance(ORG, SESSION, now=now)
    yield "staff take an offer back: its entry is held back, and the next has one"
    leave(second, now)
    yield "the one that was held back leaves"
    third = entries.get(ORG, SESSION, waiting[2].id)
    decline(links.invitation_token(invitations.get(ORG, SESSION, third.invitation)), now=now)
    waitlist.advance(ORG, SESSION, now=now)
    yield "an offer is declined, and the last one has one"
    sweep(ORG, now=now + timedelta(hours=25))
    waitlist.advance(ORG, SESSION, now=now + timedelta(hours=25))
    yield "an offer runs out"
    waitlist.advance(ORG, SESSION, now=now + timedelta(days=30))
    yield "the session is over"


def test_the_count_follows_every_change(taken: list[Registration], now: datetime) -> None:
    assert counted() == 0
    numbers = {}
    for what in ways_to_end(taken, now):
        assert counted() == there(), what
        numbers[what] = there()
    assert list(numbers.values()) == [6, 5, 4, 4, 3, 3, 2, 1, 1, 0]
    assert reconcile(ORG, now=now, repair=False) == []


def test_who_joins_is_told_the_number_of_the_count(taken: list[Registration], now: datetime) -> None:
    told = [join(f"w{number}", now + timedelta(seconds=number)) for number in range(4)]
    assert [one.position for one in told] == [1, 2, 3, 4]
    leave(told[0].entry, now)
    assert join("late", now + timedelta(minutes=1)).position == 4
    assert waitlist.read_own_entry(links.waitlist_token(told[3].entry)).position == 3, "the page counts anew"
    assert join("late", now + timedelta(minutes=2)).position == 4, "a retry: as it is by now"


def test_the_e_mail_tells_the_position_that_was_told(taken: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    streams.drain(now)
    for number in range(3):
        join(f"w{number}", now + timedelta(seconds=number))
    leave(entries.list_entries(ORG, SESSION)[0], now)
    streams.drain(now + timedelta(minutes=1))
    told = {to: text for to, text in zip(ses.recipients, ses.texts, strict=True) if to.startswith("w")}
    assert all(f"number {number + 1} in line" in told.get(f"w{number}@example.org", f"number {number + 1} in line") for number in range(3))
    assert len(told) >= 2


def test_a_later_e_mail_counts_anew(taken: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    first, second = join("w0", now).entry, join("w1", now + timedelta(seconds=1)).entry
    leave(first, now)
    streams.drain(now + timedelta(minutes=11))
    text = next(text for to, text in zip(ses.recipients, ses.texts, strict=True) if to == second.email)
    assert "number 1 in line" in text


def test_an_entry_that_moves_forgets_what_it_was_told(taken: list[Registration], now: datetime) -> None:
    first, second = join("w0", now).entry, join("w1", now + timedelta(seconds=1)).entry
    assert (first.first_position, second.first_position) == (1, 2)
    assert waitlist.move_entry(ORG, second.public_id, 1).first_position == 0


class TestRowsOfAnEarlierVersion:
    @pytest.fixture(autouse=True)
    def _before(self, taken: list[Registration], now: datetime) -> None:
        self.taken = taken
        self.before = [join(f"old{number}", now - timedelta(hours=1, seconds=-number)).entry for number in range(3)]
        uncounted()

    def test_who_joins_is_counted_by_the_rows(self, now: datetime) -> None:
        assert [join(f"w{number}", now + timedelta(seconds=number)).position for number in range(2)] == [4, 5]
        assert counted() is None

    def test_the_recount_counts_them_and_finds_no_drift(self, now: datetime) -> None:
        join("w", now)
        leave(self.before[0], now)
        assert reconcile(ORG, now=now, repair=False) == []
        assert reconcile(ORG, now=now, repair=True) == []
        assert counted() == there() == 3
        assert join("next", now + timedelta(minutes=1)).position == 4
        assert counted() == there() == 4

    @pytest.mark.parametrize("seen_with_changes", [True, False])
    def test_a_change_during_the_recount_is_noticed(self, seen_with_changes: bool, now: datetime) -> None:
        if seen_with_changes:
            leave(self.before[1], now)
        roster = booking_context.roster(ORG, SESSION)
        leave(offered(self.taken[0], now), now)
        reconcile_waitlist.count_first(roster)
        assert counted() is None, "what was read is not so any more"
        reconcile(ORG, now=now, repair=True)
        assert counted() == there()

    def test_a_row_without_its_position_is_read(self, streams: Streams, ses: Ses, now: datetime) -> None:
        told: Any = entries.get(ORG, SESSION, self.before[0].id)
        assert told.first_position == 1
        joined = join("w", now).entry
        assert joined.first_position == 0
        roster_events.handle({"Records": streams.rosters.read()}, clock=lambda: now)
        streams.drain(now)
        text = next(text for to, text in zip(ses.recipients, ses.texts, strict=True) if to == joined.email)
        assert "number 4 in line" in text
