"""Concurrent use of discount codes: never more uses than allowed, refused requests hold nothing, each use is returned once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import pytest

from chalicelib.config import config
from chalicelib.events import rosters as stream
from chalicelib.events.records import RecordChange
from chalicelib.operations import discounts
from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import register, remove_registration
from chalicelib.rules.discounts import Discount, DiscountUsedUp
from chalicelib.rules.inputs.discounts import DiscountChanges, DiscountInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts as table
from chalicelib.tables import dynamodb, keys, ledger, registrations
from tests.live.ledger.network_faults import counted, reply_lost
from tests.live.ledger.scenario import NOW, ORG, fresh, invited, later, open_session, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
BUYERS = 32


def discount(**more: object) -> str:
    """Create a code, with its uses allotted to its shares."""
    draft = DiscountInput(**{"code": fresh("SPRING"), "kind": "percent", "value": 20, **more})
    code = discounts.create_discount(ORG, draft, key=fresh("key"), now=NOW).code
    if seen(code).needs_allotting:
        assert table.allot(seen(code))
    return code


def seen(code: str) -> Discount:
    return discounts.read_discount(ORG, code)


def bought(session: str, code: str, *, email: str = "", key: str = "", now: datetime = NOW) -> Registration:
    draft = RegistrationInput(
        email=email or f"{fresh('parent')}@example.org", name="Ana", participants=[ParticipantInput(name=fresh("Kim"))], discount_code=code
    )
    return register(ORG, session, draft, locale="en", key=key or fresh("key"), now=now).registration


def outcome(session: str, code: str, email: str, _: int = 0, *, now: datetime = NOW) -> str:
    try:
        bought(session, code, email=email, now=now)
    except Refusal as refusal:
        return refusal.code
    return "registered"


def streamed(session: str) -> None:
    """Let the stream handler follow every row of the session as it is now."""
    rows = dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": keys.roster(ORG, session)}},
    )
    for row in list(rows):
        stream.react(RecordChange(None, row), now=NOW)


@pytest.mark.parametrize(("limit", "email"), [({"max_uses": 3}, ""), ({"max_uses_per_customer": 3}, "one@example.org")])
def test_a_code_of_three_uses_lowers_three_prices_of_thirty_two(limit: dict[str, int], email: str) -> None:
    session = open_session(40)
    code = discount(**limit)
    with ThreadPoolExecutor(BUYERS) as pool:
        ends = Counter(pool.map(partial(outcome, session, code, email), range(BUYERS)))
    assert ends == {"registered": 3, "discount_used_up": BUYERS - 3}
    assert (seen(code).used, spots_of(session).taken, spots_of(session).held) == (3, 3, 0)


def test_more_uses_than_spots_leave_no_use_behind() -> None:
    session = open_session(2)
    code = discount(max_uses=BUYERS)
    with ThreadPoolExecutor(BUYERS) as pool:
        ends = Counter(pool.map(partial(outcome, session, code, ""), range(BUYERS)))
    assert ends == {"registered": 2, "session_full": BUYERS - 2}
    assert seen(code).used == 2


def test_a_lost_reply_counts_the_use_once() -> None:
    session = open_session(40)
    code = discount(max_uses=30)
    with counted() as requests_made:
        bought(session, code)
    for step in range(1, requests_made.total() + 1):
        with reply_lost(step):
            bought(session, code)
        assert seen(code).used == spots_of(session).taken == step + 1


def test_the_same_request_again_is_the_same_use_though_it_was_the_last() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    first = bought(session, code, email="ana@example.org", key="again")
    discounts.edit_discount(ORG, code, DiscountChanges(active=False), expected=None, now=NOW)
    draft = RegistrationInput(
        email="ana@example.org", name="Ana", participants=[ParticipantInput(name=first.participants[0])], discount_code=code
    )
    assert register(ORG, session, draft, locale="en", key="again", now=NOW).registration.total == first.total
    assert (seen(code).used, spots_of(session).taken) == (1, 1)


def test_repeated_removals_return_the_use_once() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    gone = bought(session, code)
    streamed(session)
    remove_registration(ORG, public_id(session, gone.id), by="staff", now=NOW)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: streamed(session), range(8)))
    assert seen(code).used == 0
    bought(session, code)
    with pytest.raises(DiscountUsedUp):
        bought(session, code)


def test_an_ended_invitation_returns_its_use_once() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    sent = invited(session, discount_code=code).invitation
    assert seen(code).used == 1
    cancel_invitation(ORG, public_id(session, sent.id), by="staff", now=NOW)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: streamed(session), range(8)))
    assert seen(code).used == 0


def test_a_booking_that_crashed_before_its_spots_returns_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(5)
    code = discount(max_uses=1)

    def died(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as death:
        death.setattr(ledger, "claim_publicly", died)
        with pytest.raises(KeyboardInterrupt):
            bought(session, code)
    assert seen(code).used == 1
    for _ in range(2):
        reconcile_session(ORG, session, now=later(minutes=10), repair=True)
    assert seen(code).used == 0


def test_a_party_that_finds_the_session_full_keeps_no_use() -> None:
    session = open_session(1)
    code = discount(max_uses=5)
    bought(session, code)
    with pytest.raises(SessionFull):
        bought(session, code)
    assert seen(code).used == 1
    assert [entry for entry in registrations.orders(ORG, status="", limit=10, start=None)[0] if entry.removed_at] == []
