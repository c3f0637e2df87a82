"""Booking with codes on DynamoDB Local, which checks reserved words in expressions."""

from datetime import timedelta

import pytest

from chalicelib.config import config
from chalicelib.events import rosters as stream
from chalicelib.events.records import RecordChange
from chalicelib.operations import codes
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import change_registration, remove_registration, transfer
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.code_generation import TooManyForWidth
from chalicelib.rules.codes import BookedWithCode, CodeForOtherSession, CodeSpent, CodeUsed, NothingToReturn, TooFewUses, UnknownCode
from chalicelib.rules.inputs.codes import CodeChanges
from chalicelib.rules.inputs.roster import RegistrationChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registration_refusals import AlreadyRegistered
from chalicelib.tables import booking_context, dynamodb, keys, ledger, registrations
from chalicelib.tables import codes as table
from tests.live.codes.scenario import SOURCE, batch, booked, code_for, contract, issued, participant, price, seen, uses_of
from tests.live.ledger.scenario import NOW, ORG, later, named, open_session, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def follow(session: str, registration_id: str) -> None:
    """Update the rows from the ledger, as the stream would."""
    for entry in dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :ledger)",
        ExpressionAttributeValues={":pk": {"S": keys.roster(ORG, session)}, ":ledger": {"S": keys.LEDGER}},
    ):
        stream.react(RecordChange(None, entry), now=NOW)
    assert registrations.get(ORG, session, registration_id).confirmed_at


def test_a_code_books_a_spot_at_the_contracts_price_once() -> None:
    session = open_session(2)
    code = code_for(session)
    registration = booked(session, code)
    assert (registration.price.amount, registration.source, registration.code) == (500, "code", code)
    assert spots_of(session).taken == 1
    with pytest.raises(CodeSpent):
        booked(session, code)
    assert spots_of(session).used == 1
    follow(session, registration.id)
    assert uses_of(code)[registration.id].is_final


def test_the_same_request_again_is_the_same_registration() -> None:
    session = open_session(2)
    code = code_for(session, uses=2)
    first = booked(session, code, email="ana@example.org", key="k")
    again = booked(session, code, email="ana@example.org", key="k")
    assert (first.id, seen(code).left, spots_of(session).taken) == (again.id, 1, 1)


def test_a_code_is_read_without_case_spaces_and_hyphens() -> None:
    session = open_session(1)
    code = code_for(session)
    assert booked(session, f" {code[:4].lower()}-{code[4:]} ").code == code


def test_each_spot_takes_a_use() -> None:
    session = open_session(5)
    code = code_for(session, uses=3)
    booked(session, code, party=2)
    with pytest.raises(TooFewUses):
        booked(session, code, party=2)
    assert (seen(code).left, spots_of(session).used) == (1, 2)


def test_a_full_session_costs_no_use() -> None:
    session = open_session(0)
    code = code_for(session)
    with pytest.raises(SessionFull):
        booked(session, code)
    assert (seen(code).left, uses_of(code)) == (1, {})


def test_a_participant_who_is_registered_already_costs_neither_use_nor_spot() -> None:
    session = open_session(3)
    code = code_for(session, uses=3)
    booked(session, code, email="ana@example.org")
    with pytest.raises(AlreadyRegistered):
        booked(session, code, email="ana@example.org")
    assert (seen(code).left, spots_of(session).used) == (2, 1)


def test_unknown_deleted_expired_closed_and_foreign_codes_are_all_unknown() -> None:
    session = open_session(5)
    closed = contract(active=False)
    deleted = code_for(session)
    codes.delete_code(ORG, seen(deleted).contract, deleted, expected=None, now=NOW)
    wrong = [
        "ABCDEFGH",
        "no code at all",
        deleted,
        code_for(session, expires_at=later(seconds=-1)),
        batch(price(closed, session)).codes[0].code,
    ]
    for typed in wrong:
        with pytest.raises(UnknownCode):
            booked(session, typed)
        with pytest.raises(UnknownCode):
            codes.look_up(ORG, typed, source="192.0.2.9", now=NOW)
    with pytest.raises(NotFound):
        codes.look_up("nobody", "ABCDEFGH", source=SOURCE, now=NOW)


def test_the_eleventh_miss_waits_and_so_does_a_right_code_then() -> None:
    session = open_session(5)
    code = code_for(session)
    for _ in range(10):
        with pytest.raises(UnknownCode):
            codes.look_up(ORG, "ABCDEFGH", source=SOURCE, now=NOW)
    for typed in ("ABCDEFGH", code):
        with pytest.raises(TooManyAttempts):
            codes.look_up(ORG, typed, source=SOURCE, now=NOW)
    with pytest.raises(TooManyAttempts):
        booked(session, code)
    assert codes.look_up(ORG, code, source="192.0.2.2", now=NOW).code.code == code
    assert codes.look_up(ORG, code, source=SOURCE, now=later(minutes=10)).code.code == code


def test_a_code_of_one_session_does_not_book_another() -> None:
    session, other = open_session(1), open_session(1)
    code = code_for(session)
    with pytest.raises(CodeForOtherSession):
        booked(other, code)
    assert booked(session, code)


def test_looking_up_shows_what_may_be_shared_and_nothing_else() -> None:
    session = open_session(1)
    agreed = contract()
    at = price(agreed, session)
    code = issued(participant(agreed, details={"Department": "IT", "Diagnosis": "secret"}, shareable=["Department"]), at)
    found = codes.look_up(ORG, code.code, source=SOURCE, now=NOW)
    assert dict(found.prefill) == {"name": "Kim", "email": "kim@example.org", "Department": "IT"}


def test_the_same_request_issues_the_same_code() -> None:
    agreed = contract()
    at, kim = price(agreed, tag="health"), participant(agreed)
    assert issued(kim, at, key="k").code == issued(kim, at, key="k").code != issued(kim, at).code


def test_a_repeated_batch_is_the_same_codes_and_a_duplicate_is_drawn_again() -> None:
    at = price(contract(), tag="health")
    first = batch(at, 250, width=6, key="k")
    assert first.codes == batch(at, 250, width=6, key="k").codes
    assert len({code.code for code in first.codes}) == 250


def test_a_drawn_code_that_exists_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = contract()
    at = price(agreed, tag="health")
    (taken,) = batch(at).codes
    symbols = taken.code.removeprefix(agreed.prefix)
    monkeypatch.setattr("chalicelib.operations.codes.issue.generate_from_seed", lambda *_, count, **__: iter([symbols] * count))
    made = batch(at, 3).codes
    assert len({code.code for code in made} | {taken.code}) == 4
    assert {code.code for code in table.full_page(ORG, agreed.id, batch=None, limit=100, start=None)[0]} == {code.code for code in made} | {
        taken.code
    }


def test_a_batch_too_large_for_its_width_is_refused() -> None:
    with pytest.raises(TooManyForWidth):
        batch(price(contract(), tag="health"), 8_875_037, width=6)


def test_an_unused_code_may_change_its_price_and_a_used_one_not() -> None:
    session = open_session(2)
    agreed = contract()
    at, other = price(agreed, session), price(agreed, session, amount=900)
    (code,) = batch(at).codes
    changed = codes.edit_code(ORG, agreed.id, code.code, CodeChanges(price=other.id, note="front desk"), expected=None, now=NOW)
    assert (changed.price.amount, changed.note) == (900, "front desk")
    assert booked(session, code.code).price.amount == 900
    with pytest.raises(CodeUsed):
        codes.edit_code(ORG, agreed.id, code.code, CodeChanges(price=at.id), expected=None, now=NOW)


def test_deleting_a_used_code_archives_it_and_an_unused_one_is_never_issued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(2)
    agreed = contract()
    at = price(agreed, session)
    made = batch(at, 2)
    used, unused = (code.code for code in made.codes)
    registration = booked(session, used)
    for code in (used, unused):
        codes.delete_code(ORG, agreed.id, code, expected=None, now=NOW)
    view = codes.read_code(ORG, agreed.id, used)
    assert (view.code.state(NOW), [entry.id for entry in view.registrations]) == ("archived", [registration.id])
    with pytest.raises(NotFound):
        codes.read_code(ORG, agreed.id, unused)
    symbols = unused.removeprefix(agreed.prefix)
    monkeypatch.setattr("chalicelib.operations.codes.issue.generate_from_seed", lambda *_, count, **__: iter([symbols] * count))
    assert batch(at).codes[0].code != unused
    (view_of_batch,) = [view for view in codes.list_batches(ORG, agreed.id) if view.batch == made.batch]
    assert view_of_batch.funnel == (2, 0, 0, 2)


def test_the_funnel_counts_each_code_where_it_got_furthest() -> None:
    session = open_session(3)
    agreed = contract()
    made = batch(price(agreed, session), 3)
    handed, used, _ = (code.code for code in made.codes)
    for code in (handed, used):
        codes.edit_code(ORG, agreed.id, code, CodeChanges(handed_out=True), expected=None, now=NOW)
    booked(session, used)
    assert codes.read_batch(ORG, agreed.id, made.batch.id).funnel == (3, 2, 1, 0)


def test_a_removed_booking_keeps_its_code_spent_until_staff_return_it() -> None:
    session = open_session(2)
    code = code_for(session)
    registration = booked(session, code)
    of = seen(code).contract
    with pytest.raises(NothingToReturn):
        codes.return_code(ORG, of, code, now=NOW)
    remove_registration(ORG, named(session, registration.id), by="staff", now=NOW)
    with pytest.raises(CodeSpent):
        booked(session, code)
    assert codes.return_code(ORG, of, code, now=NOW).left == 1
    assert booked(session, code)


def test_a_transferred_booking_still_uses_its_code() -> None:
    session, other = open_session(1), open_session(1)
    code = code_for(session)
    registration = booked(session, code)
    moved = transfer(ORG, named(session, registration.id), other, by="staff", key="k", now=NOW).registration
    assert moved.code == code
    with pytest.raises(NothingToReturn):
        codes.return_code(ORG, seen(code).contract, code, now=later(minutes=5))
    remove_registration(ORG, named(other, moved.id), by="staff", now=NOW)
    assert codes.return_code(ORG, seen(code).contract, code, now=NOW).left == 1


def test_a_party_booked_with_a_code_does_not_grow() -> None:
    session = open_session(5)
    registration = booked(session, code_for(session, uses=5))
    with pytest.raises(BookedWithCode):
        change_registration(ORG, named(session, registration.id), RegistrationChanges(party_size=2), now=NOW)


def test_the_codes_of_a_cancelled_session_can_be_used_again() -> None:
    session, other = open_session(2), open_session(2)
    agreed = contract()
    (code,) = batch(price(agreed, session)).codes
    booked(session, code.code)
    cancel_session(ORG, session, CancelInput(reason="Snow", tell=False), by="staff", now=NOW)
    codes.return_uses_on(booking_context.roster(ORG, session))
    assert seen(code.code).left == 1
    assert spots_of(other).used == 0


def test_a_booking_that_crashed_before_confirming_is_reclaimed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(1)
    code = code_for(session)
    with monkeypatch.context() as dying:
        dying.setattr(ledger, "confirm", _dies)
        with pytest.raises(KeyboardInterrupt):
            booked(session, code)
    assert (spots_of(session).held, seen(code).left) == (1, 0)
    with pytest.raises((CodeSpent, SessionFull)):
        booked(session, code, now=later(seconds=30))
    assert booked(session, code, now=later(seconds=121))
    assert (spots_of(session, later(seconds=121)).taken, len(uses_of(code))) == (1, 1)


def test_a_crashed_booking_is_finished_by_its_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(1)
    code = code_for(session)
    with monkeypatch.context() as dying:
        dying.setattr(ledger, "confirm", _dies)
        with pytest.raises(KeyboardInterrupt):
            booked(session, code, key="k", email="ana@example.org")
    again = booked(session, code, key="k", email="ana@example.org", now=later(seconds=200))
    assert (list(uses_of(code)), spots_of(session).taken) == ([again.id], 1)


def test_the_reconciler_reclaims_crashed_bookings_and_reports_no_running_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(1)
    code = code_for(session)
    with monkeypatch.context() as dying:
        dying.setattr(ledger, "confirm", _dies)
        with pytest.raises(KeyboardInterrupt):
            booked(session, code)
    assert reconcile_session(ORG, session, now=NOW, repair=True) == []
    reconcile_session(ORG, session, now=NOW + timedelta(minutes=5), repair=True)
    assert (seen(code).left, uses_of(code)) == (1, {})
    assert reconcile_session(ORG, session, now=NOW + timedelta(minutes=5), repair=True) == []


def _dies(*_: object, **__: object) -> bool:
    raise KeyboardInterrupt
