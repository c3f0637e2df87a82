"""What somebody left behind half-way, and what is done once more long after: no use is lost by it, and none comes back."""

from typing import Any

import pytest

from chalicelib.operations import codes
from chalicelib.operations.codes import settling
from chalicelib.operations.reconciling import reconcile_session
from chalicelib.operations.registrations import transfer
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.codes import CodeSpent
from chalicelib.rules.drafts.sessions import Cancelling
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import codes as table
from chalicelib.tables import sessions
from tests.live.codes.scene import batch, booked, code_for, contract, price, seen, uses_of
from tests.live.ledger.scene import NOW, ORG, later, named, open_session, registered, spots_of
from tests.live.ledger.wire import CrashedError, crash

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def died(session: str, code: str, *, step: int = 3, **more: Any) -> None:
    """Book, and die once the request of this number is executed: 1 looks, 2 holds, 3 uses, 4 confirms."""
    with crash(step, after=True), pytest.raises(CrashedError):
        booked(session, code, **more)


def test_a_batch_that_is_made_once_more_leaves_what_became_of_its_codes() -> None:
    session = open_session(2)
    agreed = contract()
    at = price(agreed, session)
    used, deleted, _ = (code.code for code in batch(at, 3, key="k").codes)
    booked(session, used)
    codes.delete_code(ORG, agreed.id, deleted, expected=None, now=NOW)
    batch(at, 3, key="k")
    assert (seen(used).left, len(uses_of(used))) == (0, 1)
    with pytest.raises(CodeSpent):
        booked(session, used)
    with pytest.raises(NotFound):
        seen(deleted)
    assert len(list(table.of_contract(ORG, agreed.id))) == 2


def test_a_use_comes_back_although_its_participant_has_come_another_way() -> None:
    session = open_session(3)
    code = code_for(session)
    died(session, code, email="ana@example.org")
    registered(session, "ana@example.org", names=("Kim",), now=later(minutes=3))
    assert settling.settle(seen(code), now=later(minutes=4))
    assert (seen(code).left, uses_of(code)) == (1, {})
    assert reconcile_session(ORG, session, now=later(minutes=5), repair=False) == []
    assert spots_of(session, later(minutes=5)).used == 1


def test_a_transferred_booking_gives_its_use_back_when_its_session_is_cancelled() -> None:
    session, other = open_session(1), open_session(1)
    code = code_for(session)
    registration = booked(session, code)
    transfer(ORG, named(session, registration.id), other, by="staff", key="k", now=NOW)
    cancel_session(ORG, other, Cancelling(reason="Snow", tell=False), by="staff", now=NOW)
    codes.return_uses_on(sessions.get(ORG, other))
    assert seen(code).left == 1
