"""P1. Codes: how many requests booking with them and making them asks of DynamoDB, and discount codes beside them."""

import pytest

from chalicelib.operations import codes, discounts, public_registration
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.registrations import ParticipantInput, QuoteInput, RegistrationInput
from tests.live.codes.scenario import batch, booked, code_for, contract, price
from tests.live.ledger.scenario import NOW, ORG, open_session
from tests.operations.request_counter import counted

pytestmark = pytest.mark.usefixtures("tables")
SPOTS = pytest.mark.parametrize("spots", [10, 120, 2000])


@SPOTS
def test_booking_with_a_code_takes_four(spots: int) -> None:
    session = open_session(spots)
    for code in [made.code for made in batch(price(contract(), session), 3).codes]:
        with counted() as counts:
            booked(session, code)
        assert counts == {"BatchGetItem": 1, "UpdateItem": 2, "TransactWriteItems": 1}


def test_looking_a_code_up_takes_two() -> None:
    code = code_for(open_session(10))
    with counted() as counts:
        codes.look_up(ORG, code, source="192.0.2.1", now=NOW)
    assert counts == {"BatchGetItem": 1, "GetItem": 1}, "the session that it books is read too"


def test_a_thousand_codes_take_twelve() -> None:
    at = price(contract(), tag="health")
    with counted() as counts:
        assert len(batch(at, 1000).codes) == 1000
    assert counts == {"BatchGetItem": 1, "TransactWriteItems": 11}


def test_a_discount_code_is_read_once() -> None:
    session = open_session(10)
    discounts.create_discount(ORG, DiscountInput(code="SPRING", kind="percent", value=10), key="spring", now=NOW)
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Ana")], discount_code="spring")
    with counted() as counts:
        public_registration.register(ORG, session, draft, locale="en", key="ana", source="192.0.2.1", now=NOW)
    assert counts == {"BatchGetItem": 2, "TransactWriteItems": 1, "UpdateItem": 3}, "two of them count the client and the mailbox"
    with counted() as counts:
        public_registration.quote(ORG, session, QuoteInput(discount_code="spring"), source="192.0.2.1", now=NOW)
    assert counts == {"BatchGetItem": 2}


def test_a_discount_code_with_a_limit_takes_one_query_more_once_its_uses_are_allotted() -> None:
    session = open_session(10)
    discounts.create_discount(ORG, DiscountInput(code="FEW", kind="percent", value=10, max_uses=100), key="few", now=NOW)
    found = []
    for name in ("Ana", "Ben"):
        person = {"email": f"{name}@example.org", "name": name, "participants": [ParticipantInput(name=name)]}
        draft = RegistrationInput(**person, discount_code="few")
        with counted() as counts:
            public_registration.register(ORG, session, draft, locale="en", key=name, source="192.0.2.1", now=NOW)
        found.append(dict(counts))
    booked_later = {"BatchGetItem": 2, "Query": 1, "TransactWriteItems": 1, "UpdateItem": 3}
    assert found == [{**booked_later, "Query": 2, "GetItem": 1, "TransactWriteItems": 2}, booked_later]
