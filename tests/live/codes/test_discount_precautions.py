"""Each precaution of discount codes, in the one moment that it is there for. test_discount_controls.py takes them out one by one."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.operations import discounts
from chalicelib.operations.customers import merge_customers
from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.reconciling import reconcile_session
from chalicelib.operations.registrations import remove_registration, transfer
from chalicelib.rules.customers import Customer
from chalicelib.rules.discounts import DiscountEnded, DiscountUsedByYou, DiscountUsedUp
from chalicelib.rules.drafts.discounts import DiscountChanges
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import customers, keys
from chalicelib.tables import discounts as table
from tests.live.codes.test_discounts import bought, discount, outcome, seen, streamed
from tests.live.ledger.scene import NOW, ORG, accepted, fresh, invited, later, named, open_session, registered, spots_of
from tests.live.ledger.wire import CrashedError, meanwhile

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
ANA, BEN = "ana@example.org", "ben@example.org"
SOON, LATER = later(seconds=100), later(minutes=5)
"""The request is still under way by one clock, and left behind by the other."""


def test_the_last_use_goes_to_one_of_two() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    with meanwhile("TransactWriteItems", lambda: bought(session, code)), pytest.raises(DiscountUsedUp):
        bought(session, code)
    assert (seen(code).used, spots_of(session).used) == (1, 1)


def test_a_request_that_is_sent_again_is_one_use() -> None:
    session = open_session(5)
    code = discount(max_uses=5)
    first, again = (bought(session, code, email=ANA, key="k") for _ in range(2))
    assert (first.id, seen(code).used, spots_of(session).used) == (again.id, 1, 1)


def test_one_person_with_two_hands_uses_it_once() -> None:
    session = open_session(5)
    code = discount(max_uses_per_customer=1)
    with meanwhile("TransactWriteItems", lambda: bought(session, code, email=ANA)), pytest.raises(DiscountUsedByYou):
        bought(session, code, email=ANA)
    assert (seen(code).used, spots_of(session).used) == (1, 1)


def test_one_customer_with_two_addresses_uses_it_once() -> None:
    session = open_session(5)
    code = discount(max_uses_per_customer=1)
    ana, ben = (Customer(org=ORG, id=fresh("customer"), email=email, name="Ana", created_at=NOW) for email in (ANA, BEN))
    for customer in (ana, ben):
        customers.create(customer)
    merge_customers(ORG, ben.id, into=ana.id, now=NOW)
    with meanwhile("TransactWriteItems", lambda: bought(session, code, email=BEN)), pytest.raises(DiscountUsedByYou):
        bought(session, code, email=ANA)
    assert (seen(code).used, spots_of(session).used) == (1, 1)


def test_a_code_that_is_switched_off_at_this_moment_lowers_nothing() -> None:
    session = open_session(5)
    code = discount()
    off = DiscountChanges(active=False)
    with (
        meanwhile("TransactWriteItems", lambda: discounts.edit_discount(ORG, code, off, expected=None, now=NOW)),
        pytest.raises(DiscountEnded),
    ):
        bought(session, code)
    assert (seen(code).used, spots_of(session).used) == (0, 0)


def test_a_session_that_fills_up_at_this_moment_costs_no_use() -> None:
    session = open_session(1)
    code = discount(max_uses=1)
    with meanwhile("TransactWriteItems", lambda: registered(session)), pytest.raises(SessionFull):
        bought(session, code)
    assert seen(code).used == 0


def test_a_removal_gives_the_use_back_at_once_and_once() -> None:
    session = open_session(5)
    code = discount(max_uses=2)
    gone, _ = bought(session, code), bought(session, code)
    streamed(session)
    for _ in range(3):
        remove_registration(ORG, named(session, gone.id), by="staff", now=NOW)
        assert seen(code).used == 1
    table.give_back(gone)  # Whoever read it before it was given back.
    assert seen(code).used == 1


def test_a_registration_that_moved_keeps_its_use() -> None:
    here, there = open_session(5), open_session(5)
    code = discount(max_uses=1)
    was = bought(here, code)
    streamed(here)
    moved = transfer(ORG, named(here, was.id), there, by="staff", key="move", now=NOW).registration
    streamed(here)
    table.give_back(was)  # Whoever read it before it moved.
    assert seen(code).used == 1
    streamed(there)
    remove_registration(ORG, named(there, moved.id), by="staff", now=NOW)
    assert seen(code).used == 0


def test_an_invitation_that_was_accepted_hands_its_use_on() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    sent = invited(session, ANA, discount_code=code).invitation
    registration = accepted(sent).registration
    streamed(session)
    table.give_back(sent)
    assert seen(code).used == 1
    for _ in range(2):
        remove_registration(ORG, keys.joined(session, registration.id), by="staff", now=NOW)
        streamed(session)
    assert seen(code).used == 0


def test_an_invitation_that_is_over_gives_its_use_back_at_once_and_once() -> None:
    session = open_session(5)
    code = discount(max_uses=2)
    sent, _ = invited(session, discount_code=code).invitation, invited(session, discount_code=code)
    for _ in range(3):
        cancel_invitation(ORG, named(session, sent.id), by="staff", now=NOW)
        assert seen(code).used == 1
    table.give_back(sent)
    assert seen(code).used == 1


def died(do: Callable[[], object]) -> None:
    """Do it, and die once the row is written with its use, before it has its spots."""

    def dies() -> None:
        raise CrashedError

    with pytest.raises(CrashedError), meanwhile("TransactWriteItems", dies, after=True):
        do()


@pytest.mark.parametrize("limit", [{"max_uses": 1}, {"max_uses_per_customer": 1}])
def test_a_request_that_died_keeps_nobody_from_the_last_use(limit: dict[str, int]) -> None:
    session = open_session(5)
    code = discount(**limit)
    died(lambda: bought(session, code, email=ANA))
    with pytest.raises(DiscountUsedUp):
        bought(session, code, email=ANA, now=SOON)
    with ThreadPoolExecutor(8) as pool:
        ends = Counter(pool.map(lambda _: outcome(session, code, ANA, now=LATER), range(8)))
    assert ends == {"registered": 1, "discount_used_up": 7}
    assert (seen(code).used, spots_of(session).used, len(list(table.open_uses(ORG, code)))) == (1, 1, 1)
    assert reconcile_session(ORG, session, now=later(hours=1), repair=False) == []


def test_an_invitation_that_died_keeps_nobody_from_the_last_use() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    died(lambda: invited(session, discount_code=code))
    with pytest.raises(DiscountUsedUp):
        bought(session, code, now=SOON)
    bought(session, code, now=LATER)
    assert (seen(code).used, spots_of(session).used) == (1, 1)


def test_what_was_taken_back_can_be_booked_again_by_the_same_request() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    died(lambda: bought(session, code, email=ANA, key="k"))
    bought(session, code, email=ANA, key="k", now=LATER)
    streamed(session)
    assert (seen(code).used, spots_of(session).used, list(table.open_uses(ORG, code))) == (1, 1, [])


def test_a_booking_whose_stream_is_late_keeps_its_use() -> None:
    session = open_session(5)
    code = discount(max_uses=2)
    bought(session, code)
    invited(session, discount_code=code)
    for _ in range(2):
        with pytest.raises(DiscountUsedUp):
            bought(session, code, now=LATER)
    assert (seen(code).used, list(table.open_uses(ORG, code))) == (2, [])


def test_a_booking_that_is_tried_again_while_it_is_settled_stands() -> None:
    session = open_session(5)
    code = discount(max_uses=2)
    died(lambda: bought(session, code, email=ANA, key="k"))
    bought(session, code)

    def again() -> None:
        bought(session, code, email=ANA, key="k", now=SOON)

    with meanwhile("TransactWriteItems", again), pytest.raises(DiscountUsedUp):
        bought(session, code, now=LATER)
    assert (seen(code).used, spots_of(session).used) == (2, 2)
    assert reconcile_session(ORG, session, now=later(hours=1), repair=False) == []


def test_an_invitation_that_is_tried_again_while_it_is_settled_stands() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    died(lambda: invited(session, ANA, key="k", discount_code=code))
    with (
        meanwhile("TransactWriteItems", lambda: invited(session, ANA, key="k", discount_code=code, now=SOON)),
        pytest.raises(DiscountUsedUp),
    ):
        bought(session, code, now=LATER)
    assert (seen(code).used, spots_of(session).used) == (1, 1)
