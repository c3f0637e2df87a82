"""R4 for discount codes: each takes one precaution out of the code and sees the test that is named beside it fail."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.operations.discounts import settling
from chalicelib.operations.registrations import discounting, registering
from chalicelib.rules.discounts import OpenUse
from chalicelib.rules.ledger import Hold
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts, ledger, registrations
from chalicelib.tables.discounts import using
from chalicelib.tables.invitations import writing as invitations_writing
from chalicelib.tables.registrations import writing
from tests.live.codes import test_discount_precautions as precautions
from tests.live.ledger.planting import Control, Patch, check_noticed, dropped

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def spots_before_the_use(patch: Patch) -> None:
    true_write = discounting.write_discounted

    def write(registration: Registration, *asked: Any, **more: Any) -> Any:
        hold = Hold(n=registration.party_size, s="C", v=registration.nonce)
        ledger.claim(registration.org, registration.session, registration.id, hold, chunks=1, now=more["now"])
        return true_write(registration, *asked, **more)

    patch.setattr(registering, "write_discounted", write)


def use_kept_by_what_is_over(patch: Patch) -> None:
    patch.setattr(discounts, "give_back", lambda _: None)


def use_kept_by_what_never_stood(patch: Patch) -> None:
    patch.setattr(discounts, "return_writes", lambda _: [])


def given_back_without_a_note(patch: Patch) -> None:
    """Whoever looks at the row finds the use still there to be given back."""
    true_give_back = discounts.give_back
    dropped(using, "NOT_RETURNED")(patch)
    patch.setattr(discounts, "give_back", lambda thing: true_give_back(replace(thing, discount_returned=False)))


def ledger_not_looked_at(patch: Patch) -> None:
    patch.setattr(settling, "_hold", lambda *_: None)


def row_not_renewed(patch: Patch) -> None:
    patch.setattr(registrations, "renew", lambda was, now: registrations.find(was.org, was.session, was.id))


def uses_never_left_behind(patch: Patch) -> None:
    patch.setattr(OpenUse, "in_flight", lambda *_: True)


CONTROLS = {
    "used although used up": Control(dropped(using, "LEFT"), precautions.test_the_last_use_goes_to_one_of_two),
    "used by one person as often as they like": Control(
        dropped(using, "LEFT_FOR_THEM"), precautions.test_one_person_with_two_hands_uses_it_once
    ),
    "used by one customer from every address": Control(
        dropped(using, "USED_AS_READ"), precautions.test_one_customer_with_two_addresses_uses_it_once
    ),
    "used although switched off": Control(
        dropped(using, "AS_READ"), precautions.test_a_code_that_is_switched_off_at_this_moment_lowers_nothing
    ),
    "used twice by one request": Control(dropped(writing, "NEW"), precautions.test_a_request_that_is_sent_again_is_one_use),
    "spots kept by whoever is refused": Control(spots_before_the_use, precautions.test_the_last_use_goes_to_one_of_two),
    "not given back on removal": Control(use_kept_by_what_is_over, precautions.test_a_removal_gives_the_use_back_at_once_and_once),
    "not given back by an invitation that is over": Control(
        use_kept_by_what_is_over, precautions.test_an_invitation_that_is_over_gives_its_use_back_at_once_and_once
    ),
    "not given back when the session is full": Control(
        use_kept_by_what_never_stood, precautions.test_a_session_that_fills_up_at_this_moment_costs_no_use
    ),
    "given back twice by one removal": Control(given_back_without_a_note, precautions.test_a_removal_gives_the_use_back_at_once_and_once),
    "given back by a move": Control(dropped(using, "STOOD_HERE"), precautions.test_a_registration_that_moved_keeps_its_use),
    "given back by an invitation that was used": Control(
        dropped(using, "OVER"), precautions.test_an_invitation_that_was_accepted_hands_its_use_on
    ),
    "never settled": Control(uses_never_left_behind, precautions.test_an_invitation_that_died_keeps_nobody_from_the_last_use),
    "settled without looking at the ledger": Control(ledger_not_looked_at, precautions.test_a_booking_whose_stream_is_late_keeps_its_use),
    "tried again without renewing the row": Control(
        row_not_renewed, precautions.test_a_booking_that_is_tried_again_while_it_is_settled_stands
    ),
    "taken back though tried again": Control(
        dropped(writing, "AS_WRITTEN"), precautions.test_a_booking_that_is_tried_again_while_it_is_settled_stands
    ),
    "an invitation taken back though tried again": Control(
        dropped(invitations_writing, "BEGUN_AS_READ"), precautions.test_an_invitation_that_is_tried_again_while_it_is_settled_stands
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
