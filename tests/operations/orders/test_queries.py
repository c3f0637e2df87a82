"""An order as it is today, for the family that placed it."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import links, orders
from chalicelib.operations.registrations import correct_contact
from chalicelib.rules.inputs.roster import ContactChanges
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from tests.operations.orders.test_place import basket, place
from tests.operations.simulated_aws import Ses, Streams


def test_a_corrected_address_ends_what_the_order_shows_of_its_booking(open_session: Callable[..., Session], now: datetime) -> None:
    for number in range(2):
        open_session(id=f"s{number}")
    placed = place(basket(("s0", "Kim"), ("s1", "Kim")), now)
    token, (first, second) = links.order_token(placed.order), placed.registrations
    correct_contact("demo", first.public_id, ContactChanges(email="right@example.org"), now=now)
    view = orders.read_order(token, now=now)
    assert ([one.id for one in view.registrations], view.total) == ([second.id], second.total)
    correct_contact("demo", second.public_id, ContactChanges(email="right@example.org"), now=now)
    with pytest.raises(NotFound):
        orders.read_order(token, now=now)


def test_the_confirmation_leaves_out_a_booking_whose_address_was_corrected_meanwhile(
    open_session: Callable[..., Session], streams: Streams, ses: Ses, now: datetime
) -> None:
    for number in range(2):
        open_session(id=f"s{number}", title=f"Session {number}")
    _, second = place(basket(("s0", "Kim"), ("s1", "Kim")), now).registrations
    correct_contact("demo", second.public_id, ContactChanges(email="right@example.org"), now=now)
    streams.drain(now)
    sent = {mail["Destination"]["ToAddresses"][0]: subject for mail, subject in zip(ses.sent, ses.subjects, strict=True)}
    assert sent == {"ana@example.org": "You are registered: Session 0", "right@example.org": "You are registered: Session 1"}
