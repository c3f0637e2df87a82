"""The reconciler finds planted differences, repairs them, and then finds none."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import invitations, links, organisations, registrations, sessions
from chalicelib.operations.invitations import Accepted
from chalicelib.operations.reconcile import reconcile
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.ledger import faults
from chalicelib.rules.refs import public_id
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import booking_context, keys, ledger, waitlist

ORG = "demo"


class World:
    """A session of 60 spots in two chunks: one registration, one accepted invitation, one pending, one cancelled; two wait."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        organisations.create(ORG, "Demo", now=now)
        draft = {
            "title": "Chess",
            "time_zone": "Europe/Paris",
            "spots_total": 60,
            "meetings": [{"starts_at": now + timedelta(days=9), "ends_at": now + timedelta(days=9, hours=1)}],
            "tiers": [{"name": "Child", "price": {"amount": 100, "currency": "EUR"}}],
        }
        self.session = sessions.create_session(ORG, SessionInput.model_validate(draft), key="s", now=now).session.id
        person = RegistrationInput(email="r@example.org", name="R", participants=[ParticipantInput(name="Kim")])
        self.registration = registrations.register(ORG, self.session, person, locale="en", key="r", now=now).registration
        waitlist.join(WaitlistEntry(ORG, self.session, "e1", "w@example.org", "W", spots=2, place=1, joined_at=now, locale="en"))
        self.pending, self.cancelled, used = (self._invite(name) for name in ("pending", "cancelled", "used"))
        invitations.cancel_invitation(ORG, public_id(self.session, self.cancelled.id), by="x", now=now)
        acceptance = AcceptInput(email="u@example.org", name="U", participants=[ParticipantInput(name="Bo")])
        accepted = invitations.accept(links.invitation_token(used), acceptance, locale="en", now=now)
        assert isinstance(accepted, Accepted)
        self.accepted = accepted.registration

    def _invite(self, name: str) -> Any:
        draft = InvitationInput(email=f"{name}@example.org")
        return invitations.invite(ORG, self.session, draft, by="x", key=name, now=self.now).invitation

    def where(self, hold_id: str) -> int:
        found = ledger.locate(ORG, self.session, hold_id, chunk=0)
        assert found
        return found.chunk

    def set(self, key: keys.Key, change: str, hold_id: str = "", **values: Any) -> "World":
        """Write without any condition, which the application cannot. `#hold` stands for the hold's id."""
        given = {f":{name}": value for name, value in values.items()}
        names = {word: word[1:] for word in ("#spots", "#cap") if word in change} | ({"#hold": hold_id} if hold_id else {})
        parameters: dict[str, Any] = {"ExpressionAttributeValues": given, "ExpressionAttributeNames": names}
        clients.dynamodb().update_item(
            TableName=config().rosters_table,
            Key=key.stored(),
            UpdateExpression=change,
            **{name: filled for name, filled in parameters.items() if filled},
        )
        return self

    def chunk(self, hold_id: str, change: str, **values: Any) -> "World":
        return self.set(keys.chunk(ORG, self.session, self.where(hold_id)), change, hold_id, **values)

    def delete(self, key: keys.Key) -> "World":
        clients.dynamodb().delete_item(TableName=config().rosters_table, Key=key.stored())
        return self


ONE = {"N": "1"}
STRAY = {"M": {"n": ONE, "s": {"S": "C"}, "v": {"S": "stray"}}}
STRAY_HELD = {"M": {"n": ONE, "s": {"S": "H"}, "v": {"S": "stray"}, "e": {"N": "1800000000"}}}


def first(world: World) -> keys.Key:
    return keys.chunk(ORG, world.session, 0)


def second(world: World) -> keys.Key:
    return keys.chunk(ORG, world.session, 1)


def copied(world: World, hold_id: str) -> World:
    """Put the same hold on the other chunk as well, with the count right."""
    here = world.where(hold_id)
    (hold,) = (chunk.holds[hold_id] for chunk in ledger.read(ORG, world.session) if chunk.number == here)
    other = keys.chunk(ORG, world.session, 1 - here)
    return world.set(other, "SET h.#hold = :hold, #spots = #spots - :one", hold_id, hold=ledger.hold_item(hold), one=ONE)


CORRUPTIONS: dict[str, tuple[str, Callable[[World], World]]] = {
    "one spot too many": ("miscounted", lambda w: w.set(first(w), "SET #spots = #spots + :n", n=ONE)),
    "one spot too few": ("miscounted", lambda w: w.set(first(w), "SET #spots = #spots - :n", n=ONE)),
    "spots in the second chunk": ("miscounted", lambda w: w.set(second(w), "SET #spots = :n", n={"N": "999"})),
    "spots below zero": ("miscounted", lambda w: w.set(second(w), "SET #spots = :n", n={"N": "-7"})),
    "extras counted that are none": ("miscounted", lambda w: w.set(first(w), "SET extra = :n", n={"N": "3"})),
    "extras below zero": ("miscounted", lambda w: w.set(second(w), "SET extra = :n", n={"N": "-1"})),
    "a cap without its spots": ("miscounted", lambda w: w.set(first(w), "SET #cap = #cap + :n", n=ONE)),
    "somebody in line whom nobody counts": ("line_miscounted", lambda w: w.set(first(w), "SET waits = :n, w2 = :n", n={"N": "0"})),
    "somebody counted who is not in line": ("line_miscounted", lambda w: w.set(first(w), "SET waits = :n, w3 = :o", n={"N": "2"}, o=ONE)),
    "a line counted in all but not by size": ("line_miscounted", lambda w: w.set(first(w), "SET waits = :n", n={"N": "7"})),
    "an entry whom nobody counts": ("line_miscounted", lambda w: w.set(first(w), "SET live = :n", n={"N": "0"})),
    "an entry counted that has ended": ("line_miscounted", lambda w: w.set(first(w), "SET live = :n", n={"N": "2"})),
    "a chunk that grew by itself": ("wrong_total", lambda w: w.set(first(w), "SET #cap = #cap + :n, #spots = #spots + :n", n=ONE)),
    "a chunk that shrank by itself": ("wrong_total", lambda w: w.set(second(w), "SET #cap = #cap - :n, #spots = #spots - :n", n=ONE)),
    "a header that promises more": ("wrong_total", lambda w: w.set(keys.session(ORG, w.session), "SET spots_total = :n", n={"N": "70"})),
    "a header that promises less": ("wrong_total", lambda w: w.set(keys.session(ORG, w.session), "SET spots_total = :n", n={"N": "55"})),
    "a taken spot of nobody": ("nobodys", lambda w: w.set(first(w), "SET h.stray = :h, #spots = #spots - :n", h=STRAY, n=ONE)),
    "a held spot of nobody": ("nobodys", lambda w: w.set(first(w), "SET h.stray = :h, #spots = #spots - :n", h=STRAY_HELD, n=ONE)),
    "a registration's row gone": ("nobodys", lambda w: w.delete(keys.registration(ORG, w.session, w.registration.id))),
    "an invitation's row gone": ("nobodys", lambda w: w.delete(keys.invitation(ORG, w.session, w.pending.id))),
    "a hold that outlived its invitation": (
        "outlived",
        lambda w: w.set(keys.invitation(ORG, w.session, w.pending.id), "SET ended = :e", e={"S": "declined"}),
    ),
    "a spot that outlived its registration": (
        "outlived",
        lambda w: w.set(keys.registration(ORG, w.session, w.registration.id), "SET removed_at = :t", t={"S": "2026-11-22T13:00:00Z"}),
    ),
    "a registration that lost its spot": (
        "without_spots",
        lambda w: w.chunk(w.registration.id, "REMOVE h.#hold SET #spots = #spots + :n", n=ONE),
    ),
    "an accepted invitation that lost its spot": (
        "without_spots",
        lambda w: w.chunk(w.accepted.hold, "REMOVE h.#hold SET #spots = #spots + :n", n=ONE),
    ),
    "a party that is larger than its hold": (
        "other_size",
        lambda w: w.set(keys.registration(ORG, w.session, w.registration.id), "SET party_size = :n", n={"N": "3"}),
    ),
    "one hold on two chunks": ("held_twice", lambda w: copied(w, w.pending.id)),
    "a registration that died half-way": (
        "left_behind",
        lambda w: w.set(keys.registration(ORG, w.session, w.registration.id), "REMOVE confirmed_at").chunk(
            w.registration.id, "REMOVE h.#hold SET #spots = #spots + :n", n=ONE
        ),
    ),
    "an invitation that died half-way": (
        "left_behind",
        lambda w: w.chunk(w.pending.id, "REMOVE h.#hold SET #spots = #spots + :n", n=ONE),
    ),
}


@pytest.fixture
def world(tables: None, now: datetime) -> World:
    made = World(now)
    for registration in (made.registration, made.accepted):
        made.set(keys.registration(ORG, made.session, registration.id), "SET confirmed_at = :t", t={"S": "2026-11-22T12:00:00Z"})
    return made


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_corruption_is_found_and_repaired(world: World, corruption: str) -> None:
    kind, plant = CORRUPTIONS[corruption]
    later = world.now + timedelta(minutes=5)
    assert reconcile(ORG, now=later, repair=False) == []
    plant(world)
    found = reconcile(ORG, now=later, repair=True)
    assert kind in {drift.kind for drift in found}
    reconcile(ORG, now=later, repair=True)
    assert reconcile(ORG, now=later, repair=False) == []
    roster = booking_context.roster(ORG, world.session)
    assert [faults(chunk) for chunk in roster.chunks] == [[], []]
    assert sum(chunk.cap for chunk in roster.chunks) == roster.session.spots_total
