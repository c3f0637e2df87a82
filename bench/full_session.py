"""P10: who loses a rush, in a function that has answered no request before, as on Lambda: by registering, with a code, with a basket."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress

from bench.counting import Count, counting
from bench.figures import Figure, at_most
from bench.world import ORG, now, session
from chalicelib.config import config
from chalicelib.operations import orders, registrations
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.tables import dynamodb, ledger
from chalicelib.tables.conditions import THERE
from chalicelib.tables.items import stored

SPOTS = (30, 500, 2000, 4000)


def figures() -> Iterator[Figure]:
    for spots in SPOTS:
        session_id = session(spots)
        sell_out(session_id)
        _refused(lambda id=session_id: _register(id))  # type: ignore[misc]  # The first who finds it full marks it.
        for way, lose in (("registration", _register), ("basket", _basket)):
            ledger.reopen(ORG, session_id)
            count = _refused(lambda lose=lose, id=session_id: lose(id))  # type: ignore[misc]
            what = f"loser of a rush for {spots} spots, by a {way}, without a memory"
            yield at_most("P10", f"{what}: requests", count.requests, 2, "requests")
            yield at_most("P10", f"{what}: write units", count.write_units, 0, "WCU")
            yield at_most("P10", f"{what}: read units", count.read_units, 10, "RCU")


def sell_out(session_id: str) -> None:
    """Take every spot of a session, by a hold of its own each."""
    for chunk in ledger.read(ORG, session_id):
        holds = {uuid.uuid4().hex[:10]: Hold(spots=1, state="taken", nonce="bench") for _ in range(chunk.spots)}
        row = ledger.empty(ORG, session_id, chunk.number, chunk.cap)
        row |= {"spots": stored(0), "h": {"M": {id: ledger.hold_item(hold) for id, hold in holds.items()}}}
        dynamodb.put(config().rosters_table, row, THERE)


def _refused(ask: Callable[[], object]) -> Count:
    with counting() as count, suppress(SessionFull):
        ask()
    return count


def _register(session_id: str) -> object:
    person = {"email": f"{uuid.uuid4().hex}@example.org", "name": "A Parent", "participants": [{"name": "Kim"}]}
    return registrations.register(ORG, session_id, RegistrationInput.model_validate(person), locale="en", key=uuid.uuid4().hex, now=now())


def _basket(session_id: str) -> object:
    lines = [{"session": session_id, "participants": [{"name": "Kim"}]}]
    basket = BasketInput.model_validate({"email": f"{uuid.uuid4().hex}@example.org", "name": "A Parent", "lines": lines})
    return orders.place_order(ORG, basket, locale="en", key=uuid.uuid4().hex, now=now())
