"""Abandoned requests and late retries: no use is lost, and none is returned twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chalicelib.config import config
from chalicelib.operations import codes
from chalicelib.operations.codes import reclaim
from chalicelib.operations.identity import derived
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import remove_registration, transfer
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.codes import CodeSpent, UnknownCode
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import booking_context, dynamodb, keys, ledger
from chalicelib.tables import codes as table
from tests.live.codes.scenario import batch, booked, code_for, contract, price, seen, uses_of
from tests.live.ledger.network_faults import CrashedError, crash, error_response, meanwhile, on_the_wire, operation_of, really_send
from tests.live.ledger.scenario import NOW, ORG, holds_of, later, named, on_chunk, open_session, registered, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def died(session: str, code: str, *, step: int = 3, **more: Any) -> None:
    """Book, and crash after the request with this number: 1 reads, 2 holds, 3 uses, 4 confirms."""
    with crash(step, after=True), pytest.raises(CrashedError):
        booked(session, code, **more)


def test_a_repeated_batch_keeps_the_state_of_its_codes() -> None:
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
    assert len(table.full_page(ORG, agreed.id, batch=None, limit=100, start=None)[0]) == 2


def test_a_use_is_returned_although_its_participant_registered_without_the_code() -> None:
    session = open_session(3)
    code = code_for(session)
    died(session, code, email="ana@example.org")
    registered(session, "ana@example.org", names=("Kim",), now=later(minutes=3))
    assert reclaim.reclaim_open_uses(seen(code), now=later(minutes=4))
    assert (seen(code).left, uses_of(code)) == (1, {})
    assert reconcile_session(ORG, session, now=later(minutes=5), repair=False) == []
    assert spots_of(session, later(minutes=5)).used == 1


def test_a_transferred_booking_returns_its_use_when_its_session_is_cancelled() -> None:
    session, other = open_session(1), open_session(1)
    code = code_for(session)
    registration = booked(session, code)
    transfer(ORG, named(session, registration.id), other, by="staff", key="k", now=NOW)
    cancel_session(ORG, other, CancelInput(reason="Snow", tell=False), by="staff", now=NOW)
    codes.return_uses_on(booking_context.roster(ORG, other))
    assert seen(code).left == 1


def test_a_retried_request_is_not_refused_by_the_full_cache() -> None:
    session = open_session(1)
    code = code_for(session, uses=2)
    first = booked(session, code, email="ana@example.org", key="k")
    with pytest.raises(SessionFull):
        booked(session, code)
    assert booked(session, code, email="ana@example.org", key="k").id == first.id


def test_a_conflict_does_not_hide_the_use_of_the_same_request() -> None:
    """The use was written and its reply lost; on the retry the row conflicts, and only the code shows the use."""
    session = open_session(1)
    code = code_for(session)
    written: list[AWSResponse] = []

    def handler(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if operation_of(request) != "TransactWriteItems" or written:
            return None
        written.append(really_send(request))
        reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
        used = {"Code": "ConditionalCheckFailed", "Item": dynamodb.get(config().codes_table, keys.code(ORG, code))}
        return error_response(request, 400, "TransactionCanceledException", CancellationReasons=[*reasons, used])

    with on_the_wire(handler):
        registration = booked(session, code)
    assert (list(uses_of(code)), spots_of(session).taken) == ([registration.id], 1)


def test_the_reconciler_recognises_a_booking_made_with_a_fast_clock() -> None:
    session = open_session(1)
    died(session, code_for(session), step=2, now=later(seconds=30))
    assert reconcile_session(ORG, session, now=later(seconds=-30), repair=False) == []


def test_the_reconciler_leaves_a_booking_confirmed_meanwhile() -> None:
    session = open_session(2)
    code = code_for(session)
    died(session, code, step=2, email="ana@example.org", key="k", now=later(hours=1))
    ahead = later(hours=1)
    with meanwhile("UpdateItem", lambda: booked(session, code, email="ana@example.org", key="k", now=ahead)):
        reconcile_session(ORG, session, now=NOW, repair=True)
    assert spots_of(session, ahead).taken == len(uses_of(code)) == 1


def test_the_funnel_is_right_although_a_code_is_archived_while_it_is_returned() -> None:
    session = open_session(2)
    agreed = contract()
    made = batch(price(agreed, session), max_redemptions=2)
    code = made.codes[0].code
    registration = booked(session, code)
    remove_registration(ORG, named(session, registration.id), by="staff", now=NOW)
    with meanwhile("TransactWriteItems", lambda: codes.delete_code(ORG, agreed.id, code, expected=None, now=NOW)):
        codes.return_code(ORG, agreed.id, code, now=NOW)
    assert codes.read_batch(ORG, agreed.id, made.batch.id).funnel.cancelled == 1
    with pytest.raises(UnknownCode):
        booked(session, code)


def test_the_hold_of_a_crashed_attempt_on_another_chunk_is_freed_and_the_confirmed_one_kept(small_chunks: int) -> None:
    """The first attempt found room on the first chunk only; the second finds it on its preferred chunk."""
    session = open_session(2 * small_chunks)
    code = code_for(session)
    key = next(key for key in map(str, count()) if ledger.preferred(derived("register", ORG, session, key), 2) == 1)
    in_the_way = Hold(spots=small_chunks, state="held", nonce="v", expires_at=int(later(hours=1).timestamp()))
    ledger.claim(ORG, session, on_chunk(1, 2), in_the_way, chunks=2, now=NOW)
    with crash_after_hold(), pytest.raises(CrashedError):
        booked(session, code, email="ana@example.org", key=key)
    ledger.release(ORG, session, on_chunk(1, 2), in_the_way, chunk=1)
    registration = booked(session, code, email="ana@example.org", key=key)
    reconcile_session(ORG, session, now=later(minutes=5), repair=True)
    assert reconcile_session(ORG, session, now=later(minutes=5), repair=False) == []
    assert [(id, hold.state) for id, hold in holds_of(session).items()] == [(registration.id, "taken")]


def test_a_refusal_as_spent_frees_the_hold_of_a_crashed_attempt() -> None:
    session = open_session(3)
    code = code_for(session)
    with crash_after_hold(), pytest.raises(CrashedError):
        booked(session, code, email="ana@example.org", key="ana")
    booked(session, code, email="ben@example.org", key="ben")
    assert spots_of(session).held == 1
    with pytest.raises(CodeSpent):
        booked(session, code, email="ana@example.org", key="ana")
    assert (spots_of(session).held, spots_of(session).taken) == (0, 1)


@contextmanager
def crash_after_hold() -> Iterator[None]:
    """Crash before the row and the use are written."""

    def handler(request: AWSPreparedRequest, **_: Any) -> None:
        if operation_of(request) == "TransactWriteItems":
            raise CrashedError

    with on_the_wire(handler):
        yield
