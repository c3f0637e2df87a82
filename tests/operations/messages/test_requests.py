"""P1 for e-mails: each takes a lease, one read of what its message names, a count and a mark, and little beside."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.events import rosters as roster_events
from chalicelib.operations import orders, public_registration, registrations, waitlist
from chalicelib.operations.messages import send
from chalicelib.operations.messages.queue import new_message
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys, messages
from chalicelib.tables.named_rows import named_by
from tests.operations.request_counter import counted
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import invited

OpenSession = Callable[..., Session]
ALWAYS = {"UpdateItem": 3, "BatchGetItem": 1}
BESIDE: dict[str, dict[str, int]] = {
    "session_invitation": {},
    "confirmation": {"GetItem": 1},  # The customer, for the names that are known.
    "registration_removed": {"GetItem": 1},
    "waitlist_joined": {},
    "waitlist_offer": {},
}
"""What each kind takes beside."""
ROW_BY_ROW = {"session_invitation": 6, "confirmation": 9, "registration_removed": 9, "waitlist_joined": 8, "waitlist_offer": 8}
"""How many requests each kind takes where every row is read when it is needed."""


def booked(email: str, now: datetime) -> Registration:
    draft = RegistrationInput(email=email, name="Ben", participants=[ParticipantInput(name="Léo")])
    return public_registration.register("demo", "s1", draft, locale="en", key=email, source="192.0.2.1", now=now).registration


def requests_of_each_kind(open_session: OpenSession, streams: Streams, now: datetime) -> dict[str, Counter[str]]:
    """Let one e-mail of each kind be queued and sent, and return the requests of each."""
    open_session(spots_total=2)
    invited("ana@example.org", now=now)
    registration = booked("ben@example.org", now)
    waitlist.join("demo", "s1", JoinInput(email="cleo@example.org", name="Cleo"), locale="en", key="cleo", now=now)
    found = _sent(streams, now)
    registrations.remove_registration("demo", registration.public_id, by="owner", tell=True, now=now)
    return found | _sent(streams, now)


def _sent(streams: Streams, now: datetime) -> dict[str, Counter[str]]:
    while records := streams.rosters.read():
        roster_events.handle({"Records": records}, clock=lambda: now)
    found: dict[str, Counter[str]] = {}
    for message in [messages.get("demo", id) for id in [*messages.unsent("demo", now + timedelta(days=365))]]:
        assert message
        with counted() as found[message.kind]:
            assert send("demo", message.id, now=now) == "sent"
    return found


def test_what_a_message_names_is_read_in_one_request(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    assert requests_of_each_kind(open_session, streams, now) == {kind: ALWAYS | beside for kind, beside in BESIDE.items()}


def test_without_that_each_row_takes_a_request(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the requests are counted where they are made."""

    def nothing_read(_: Any) -> AbstractContextManager[None]:
        return nullcontext()

    monkeypatch.setattr(dynamodb, "read_together", nothing_read)
    found = requests_of_each_kind(open_session, streams, now)
    assert {kind: counts.total() for kind, counts in found.items()} == ROW_BY_ROW


def test_the_confirmation_of_a_basket_takes_as_few(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    for id in ("s1", "s2", "s3"):
        open_session(id=id)
    lines = [{"session": id, "participants": [{"name": "Kim"}]} for id in ("s1", "s2", "s3")]
    basket = BasketInput.model_validate({"email": "ana@example.org", "name": "Ana", "lines": lines})
    orders.place_order("demo", basket, locale="en", key="basket", now=now)
    (counts,) = _sent(streams, now).values()
    assert counts == {**ALWAYS, "BatchGetItem": 3, "GetItem": 1}, "the other registrations of the order, and their sessions"


@pytest.mark.parametrize(("role", "reads_ledger"), [("registration", False), ("entry", False), ("invitation", True)])
def test_the_holds_of_a_session_are_read_only_for_an_invitation(now: datetime, role: str, reads_ledger: bool) -> None:
    message = new_message(
        kind="session_cancelled", org="demo", to="a@example.org", locale="en", data={"session": "s1", role: "x"}, key="x", now=now
    )
    assert (keys.chunk("demo", "s1", 0) in named_by(message)[config().rosters_table]) is reads_ledger
