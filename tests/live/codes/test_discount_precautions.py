"""Each precaution of discount codes, at the moment for which it exists. test_discount_controls.py takes them out one by one."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.operations import discounts
from chalicelib.operations.customers import merge_customers
from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import remove_registration, transfer
from chalicelib.rules.customers import Customer
from chalicelib.rules.discounts import DiscountInactive, DiscountUsedUp, DiscountUsedUpByCustomer
from chalicelib.rules.inputs.discounts import DiscountChanges
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refs import public_id
from chalicelib.tables import customers
from chalicelib.tables import discounts as table
from tests.live.codes.test_discounts import bought, discount, outcome, seen, streamed
from tests.live.ledger.network_faults import CrashedError, meanwhile
from tests.live.ledger.scenario import NOW, ORG, accepted, fresh, invited, later, named, open_session, registered, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
ANA, BEN = "ana@example.org", "ben@example.org"
SOON, LATER = later(seconds=100), later(minutes=5)
"""By one clock the request is still running, by the other it is abandoned."""


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


def test_two_concurrent_requests_of_one_customer_use_it_once() -> None:
    session = open_session(5)
    code = discount(max_uses_per_customer=1)
    with meanwhile("TransactWriteItems", lambda: bought(session, code, email=ANA)), pytest.raises(DiscountUsedUpByCustomer):
        bought(session, code, email=ANA)
    assert (seen(code).used, spots_of(session).used) == (1, 1)


def test_one_customer_with_two_addresses_uses_it_once() -> None:
    session = open_session(5)
    code = discount(max_uses_per_customer=1)
    ana, ben = (Customer(org=ORG, id=fresh("customer"), email=email, name="Ana", created_at=NOW) for email in (ANA, BEN))
    for customer in (ana, ben):
        customers.create(customer)
    merge_customers(ORG, ben.id, into=ana.id, now=NOW)
    with meanwhile("TransactWriteItems", lambda: bought(session, code, email=BEN)), pytest.raises(DiscountUsedUpByCustomer):
        bought(session, code, email=ANA)
    assert (seen(code).used, spots_of(session).used) == (1, 1)


def test_a_code_switched_off_meanwhile_is_refused() -> None:
    session = open_session(5)
    code = discount()
    off = DiscountChanges(active=False)
    with (
        meanwhile("TransactWriteItems", lambda: discounts.edit_discount(ORG, code, off, expected=None, now=NOW)),
        pytest.raises(DiscountInactive),
    ):
        bought(session, code)
    assert (seen(code).used, spots_of(session).used) == (0, 0)


def test_a_session_that_fills_up_meanwhile_costs_no_use() -> None:
    session = open_session(1)
    code = discount(max_uses=1)
    with meanwhile("TransactWriteItems", lambda: registered(session)), pytest.raises(SessionFull):
        bought(session, code)
    assert seen(code).used == 0


def test_a_removal_returns_the_use_at_once_and_once() -> None:
    session = open_session(5)
    code = discount(max_uses=2)
    gone, _ = bought(session, code), bought(session, code)
    streamed(session)
    for _ in range(3):
        remove_registration(ORG, named(session, gone.id), by="staff", now=NOW)
        assert seen(code).used == 1
    table.return_use(gone)  # A caller that read it before the use was returned.
    assert seen(code).used == 1


def test_a_registration_that_moved_keeps_its_use() -> None:
    here, there = open_session(5), open_session(5)
    code = discount(max_uses=1)
    was = bought(here, code)
    streamed(here)
    moved = transfer(ORG, named(here, was.id), there, by="staff", key="move", now=NOW).registration
    streamed(here)
    table.return_use(was)  # A caller that read it before the transfer.
    assert seen(code).used == 1
    streamed(there)
    remove_registration(ORG, named(there, moved.id), by="staff", now=NOW)
    assert seen(code).used == 0


def test_an_accepted_invitation_passes_its_use_to_the_registration() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    sent = invited(session, ANA, discount_code=code).invitation
    registration = accepted(sent).registration
    streamed(session)
    table.return_use(sent)
    assert seen(code).used == 1
    for _ in range(2):
        remove_registration(ORG, public_id(session, registration.id), by="staff", now=NOW)
        streamed(session)
    assert seen(code).used == 0


def test_an_ended_invitation_returns_its_use_at_once_and_once() -> None:
    session = open_session(5)
    code = discount(max_uses=2)
    sent, _ = invited(session, discount_code=code).invitation, invited(session, discount_code=code)
    for _ in range(3):
        cancel_invitation(ORG, named(session, sent.id), by="staff", now=NOW)
        assert seen(code).used == 1
    table.return_use(sent)
    assert seen(code).used == 1


def died(do: Callable[[], object]) -> None:
    """Crash after the row with its use is written, before it has spots."""

    def dies() -> None:
        raise CrashedError

    with pytest.raises(CrashedError), meanwhile("TransactWriteItems", dies, after=True):
        do()


@pytest.mark.parametrize("limit", [{"max_uses": 1}, {"max_uses_per_customer": 1}])
def test_a_crashed_request_does_not_block_the_last_use(limit: dict[str, int]) -> None:
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


def test_a_crashed_invitation_does_not_block_the_last_use() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    died(lambda: invited(session, discount_code=code))
    with pytest.raises(DiscountUsedUp):
        bought(session, code, now=SOON)
    bought(session, code, now=LATER)
    assert (seen(code).used, spots_of(session).used) == (1, 1)


def test_a_reclaimed_booking_can_be_made_again_by_the_same_request() -> None:
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


def test_a_booking_retried_while_it_is_settled_stands() -> None:
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


def test_an_invitation_retried_while_it_is_settled_stands() -> None:
    session = open_session(5)
    code = discount(max_uses=1)
    died(lambda: invited(session, ANA, key="k", discount_code=code))
    with (
        meanwhile("TransactWriteItems", lambda: invited(session, ANA, key="k", discount_code=code, now=SOON)),
        pytest.raises(DiscountUsedUp),
    ):
        bought(session, code, now=LATER)
    assert (seen(code).used, spots_of(session).used) == (1, 1)
