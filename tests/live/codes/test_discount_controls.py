"""R4 for discount codes: each takes one precaution out of the code and sees the test that is named beside it fail."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.operations.registrations import registering
from chalicelib.rules.ledger import Hold
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts, ledger
from chalicelib.tables.registrations import writing
from tests.live.codes import test_discount_precautions as precautions
from tests.live.ledger.planting import Control, Patch, check_noticed, dropped

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def spots_before_the_use(patch: Patch) -> None:
    true_write = registering.write_discounted

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
    dropped(discounts, "NOT_RETURNED")(patch)
    patch.setattr(discounts, "give_back", lambda thing: true_give_back(replace(thing, discount_returned=False)))


CONTROLS = {
    "used although used up": Control(dropped(discounts, "LEFT"), precautions.test_the_last_use_goes_to_one_of_two),
    "used by one person as often as they like": Control(
        dropped(discounts, "LEFT_FOR_THEM"), precautions.test_one_person_with_two_hands_uses_it_once
    ),
    "used although switched off": Control(
        dropped(discounts, "AS_READ"), precautions.test_a_code_that_is_switched_off_at_this_moment_lowers_nothing
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
    "given back by a move": Control(dropped(discounts, "STOOD_HERE"), precautions.test_a_registration_that_moved_keeps_its_use),
    "given back by an invitation that was used": Control(
        dropped(discounts, "OVER"), precautions.test_an_invitation_that_was_accepted_hands_its_use_on
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
