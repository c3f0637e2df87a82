"""Placing a basket: how many requests it takes, what a crash leaves, and what follows from it."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.operations import discounts, orders, organisations, registrations
from chalicelib.operations.reconcile import reconcile
from chalicelib.operations.replay import missed_reactions
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import RegistrationChanges
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import ledger
from chalicelib.tables import orders as order_rows
from chalicelib.tables import organisations as organisation_rows
from tests.operations.simulated_aws import Crash, Ses, Streams

OpenSession = Callable[..., Session]


def basket(*lines: tuple[str, ...], **more: Any) -> BasketInput:
    """Return a basket with a session and its participants for each line."""
    line_inputs = [{"session": session, "participants": [{"name": name} for name in names]} for session, *names in lines]
    return BasketInput.model_validate({"email": "ana@example.org", "name": "Ana", "lines": line_inputs, **more})


def place(draft: BasketInput, now: datetime, key: str = "k") -> orders.PlacedOrder:
    return orders.place_order("demo", draft, locale="en", key=key, now=now)


def held(session: str) -> dict[str, int]:
    """Return the spots of each state on a session's ledger."""
    found = {"held": 0, "taken": 0}
    for chunk in ledger.read("demo", session):
        for hold in chunk.holds.values():
            found[hold.state] += hold.spots
    return found


@pytest.fixture
def sessions(open_session: OpenSession) -> list[Session]:
    return [open_session(id=f"s{number}", title=f"Session {number}", spots_total=2) for number in range(3)]


@pytest.fixture
def requests() -> Iterator[list[str]]:
    """Return the names of the requests to DynamoDB."""
    found: list[str] = []

    def note(model: Any, **_: Any) -> None:
        found.append(model.name)

    clients.dynamodb().meta.events.register("before-call.dynamodb", note)
    yield found
    clients.dynamodb().meta.events.unregister("before-call.dynamodb", note)


@pytest.mark.parametrize("lines", [1, 2, 5, 20])
def test_a_basket_of_n_lines_takes_at_most_2_and_3_n_requests(
    open_session: OpenSession, requests: list[str], now: datetime, lines: int
) -> None:
    for number in range(lines):
        open_session(id=f"s{number}")
    discounts.create_discount("demo", DiscountInput(code="A", kind="percent", value=10), key="d", now=now)
    before = len(requests)
    place(basket(*((f"s{number}", "Kim") for number in range(lines)), discount_code="A"), now)
    assert len(requests) - before <= 2 + 3 * lines


def test_one_confirmation_names_every_date_and_has_one_calendar_file(
    sessions: list[Session], streams: Streams, ses: Ses, now: datetime
) -> None:
    placed = place(basket(("s0", "Kim", "Lee"), ("s1", "Kim")), now)
    streams.drain(now)
    assert ses.subjects == ["You are registered: Session 0 and Session 1"]
    text, files = ses.texts[0], ses.sent[0]["Content"]["Simple"]["Attachments"]
    assert all(part in text for part in ("Session 0", "Session 1", "Total: €37.50"))
    assert len(files) == 1
    calendar = message_from_bytes(files[0]["RawContent"]).as_string() + files[0]["RawContent"].decode()
    assert all(f"{one.session}-{one.id}-m1@rollbook" in calendar.replace("\r\n ", "") for one in placed.registrations)
    streams.drain(now)
    assert [registration.confirmed_at for registration in order_rows.registrations_of(placed.order)] == [now, now]
    assert list(missed_reactions("demo", now=now)) == []


def test_an_order_of_one_line_is_confirmed_as_a_registration(sessions: list[Session], streams: Streams, ses: Ses, now: datetime) -> None:
    place(basket(("s0", "Kim")), now)
    streams.drain(now)
    assert ses.subjects == ["You are registered: Session 0"]
    assert "Session: Session 0" not in ses.texts[0]


STEPS = ["ledger.claim_publicly", "orders.book", "ledger.confirm", "write_registration"]


def crash(monkeypatch: pytest.MonkeyPatch, name: str, *, at: int, after: bool) -> None:
    """Let the process die at a call of this step, before or after it."""
    owner: Any = {"ledger": ledger, "orders": order_rows}.get(name.partition(".")[0], sys.modules[orders.place_order.__module__])
    attribute, calls = name.rpartition(".")[2], [0]
    real = getattr(owner, attribute)

    def dying(*args: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == at and not after:
            raise Crash
        done = real(*args, **named)
        if calls[0] == at:
            raise Crash
        return done

    monkeypatch.setattr(owner, attribute, dying)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_leaves_every_line_or_none(
    sessions: list[Session], streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch, step: str, at: int, after: bool
) -> None:
    with monkeypatch.context() as patch:
        crash(patch, step, at=at, after=after)
        if (step, at) == ("orders.book", 2):
            at = 1
            crash(patch, step, at=1, after=after)
        with pytest.raises(Crash):
            place(basket(("s0", "Kim"), ("s1", "Kim")), now)
    streams.drain(now)
    later = now + timedelta(minutes=13)
    reconcile("demo", now=later, repair=True)
    streams.drain(later)
    assert reconcile("demo", now=later, repair=False) == []
    booked = step == "ledger.confirm" or (step == "orders.book" and after)
    live = [
        sum(hold.spots for chunk in ledger.read("demo", id) for hold in chunk.holds.values() if hold.is_live(later)) for id in ("s0", "s1")
    ]
    assert live == ([1, 1] if booked else [0, 0])
    assert len(ses.sent) == int(booked)


@pytest.mark.parametrize("step", STEPS)
def test_a_repeated_request_after_a_crash_books_once(
    sessions: list[Session], streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as patch:
        crash(patch, step, at=1, after=True)
        with pytest.raises(Crash):
            place(basket(("s0", "Kim", "Lee"), ("s1", "Kim")), now)
    again = place(basket(("s0", "Kim", "Lee"), ("s1", "Kim")), now + timedelta(seconds=20))
    assert place(basket(("s0", "Kim", "Lee"), ("s1", "Kim")), now + timedelta(seconds=40)).order == again.order
    streams.drain(now)
    assert [held(one.session) for one in again.registrations] == [{"held": 0, "taken": 2}, {"held": 0, "taken": 1}]
    assert len(ses.sent) == 1
    assert reconcile("demo", now=now + timedelta(minutes=5), repair=False) == []


def test_spots_that_were_lost_before_anybody_confirmed_them_come_back_as_extra_ones(
    sessions: list[Session], streams: Streams, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        crash(patch, "ledger.confirm", at=1, after=False)
        with pytest.raises(Crash):
            place(basket(("s0", "Kim", "Lee"), ("s1", "Kim")), now)
    late = now + timedelta(minutes=20)
    place(basket(("s0", "Mia"), email="ben@example.org"), late, key="other")
    streams.drain(late)
    chunk = ledger.read("demo", "s0")[0]
    assert (held("s0"), chunk.extra, held("s1")["taken"]) == ({"held": 0, "taken": 3}, 2, 1)


def test_a_refusal_frees_what_was_held_and_the_request_may_come_again(sessions: list[Session], now: datetime) -> None:
    place(basket(("s1", "Mia", "Noa"), email="ben@example.org"), now, key="other")
    draft = basket(("s0", "Kim"), ("s1", "Kim"))
    for _ in range(2):
        with pytest.raises(SessionFull) as full:
            place(draft, now)
        assert full.value.line == 1
        assert (held("s0"), held("s1")["held"]) == ({"held": 0, "taken": 0}, 0)


def test_a_customer_may_register_while_an_order_that_crashed_still_holds_a_spot(
    sessions: list[Session], organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        crash(patch, "orders.book", at=1, after=False)
        with pytest.raises(Crash):
            place(basket(("s0", "Kim")), now)
    registered = place(basket(("s0", "Lee")), now, key="other")
    assert registrations.read_registration("demo", registered.registrations[0].public_id)[0].participants == ("Lee",)


def test_a_spot_given_back_takes_its_sibling_discount_along(organisation: Organisation, sessions: list[Session], now: datetime) -> None:
    organisations.change("demo", OrganisationChanges.model_validate({"sibling_discount": {"from_nth": 2, "percent": 10}}), expected=None)
    first, second = place(basket((sessions[0].id, "Kim", "Lou"), (sessions[1].id, "Lou")), now).registrations
    whole = first.price.amount
    assert (first.total.amount, second.total.amount) == (whole * 19 // 10, whole * 9 // 10)
    only_kim = RegistrationChanges.model_validate({"party_size": 1, "participants": [{"name": "Kim"}]})
    assert registrations.change_registration("demo", first.public_id, only_kim, now=now).total.amount == whole
    grown = registrations.change_registration("demo", first.public_id, RegistrationChanges(party_size=2), now=now)
    assert grown.total.amount == 2 * whole


def test_a_line_that_moves_after_a_crash_keeps_the_discount_of_the_siblings_that_are_left(
    open_session: OpenSession, organisation: Organisation, now: datetime
) -> None:
    """The ledger has given a spot back, and the request died before the row followed."""
    for number in range(2):
        open_session(id=f"s{number}")
    organisation_rows.save(replace(organisation_rows.get("demo"), sibling_discount=SiblingDiscount(from_nth=2, percent=50)))
    (made,) = place(basket(("s0", "Kim", "Lee")), now).registrations
    assert made.total.amount == 1875
    found = ledger.locate_hold(made)
    assert found
    ledger.resize("demo", "s0", made.hold, found.hold, 1, chunk=found.chunk, allow_extra=False, now=now)
    moved = registrations.transfer("demo", made.public_id, "s1", by="m", key="k", now=now).registration
    assert (moved.party_size, moved.total.amount) == (1, 1250)
