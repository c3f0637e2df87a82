"""R4 for discount codes: each takes one precaution out of the code and sees the test that is named beside it fail."""

from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.operations.discounts import reclaim
from chalicelib.operations.registrations import reserve_discount
from chalicelib.rules.discounts import OpenUse
from chalicelib.rules.ledger import Hold
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts, ledger, registrations
from chalicelib.tables.discounts import shares, usage
from chalicelib.tables.invitations import writes as invitations_writing
from chalicelib.tables.registrations import writes
from tests.live.codes import test_discount_precautions as precautions
from tests.live.ledger.fault_injection import Control, Patch, check_noticed, dropped

register_module = import_module("chalicelib.operations.registrations.register")


pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def spots_before_the_use(patch: Patch) -> None:
    true_write = reserve_discount.write_discounted

    def write(registration: Registration, *arguments: Any, **more: Any) -> Any:
        hold = Hold(spots=registration.party_size, state="taken", nonce=registration.nonce)
        ledger.claim(registration.org, registration.session, registration.id, hold, chunks=1, now=more["now"])
        return true_write(registration, *arguments, **more)

    patch.setattr(register_module, "write_discounted", write)


def use_kept_by_what_is_over(patch: Patch) -> None:
    patch.setattr(discounts, "return_use", lambda _: None)


def use_kept_by_what_never_stood(patch: Patch) -> None:
    patch.setattr(discounts, "return_writes", lambda _: [])


def given_back_without_a_note(patch: Patch) -> None:
    """A reader of the row finds a use that still has to be returned."""
    true_return_use = discounts.return_use
    dropped(usage, "NOT_RETURNED")(patch)
    patch.setattr(discounts, "return_use", lambda thing: true_return_use(replace(thing, discount_returned=False)))


def ledger_not_looked_at(patch: Patch) -> None:
    patch.setattr(reclaim, "ledger", SimpleNamespace(hold_of=lambda _: None))


def row_not_renewed(patch: Patch) -> None:
    patch.setattr(registrations, "renew", lambda was, now: registrations.find(was.org, was.session, was.id))


def uses_never_left_behind(patch: Patch) -> None:
    patch.setattr(OpenUse, "in_flight", lambda *_: True)


CONTROLS = {
    "used although used up": Control(dropped(shares, "uses_left"), precautions.test_the_last_use_goes_to_one_of_two),
    "used by one person as often as they like": Control(
        dropped(usage, "uses_left_for_customer"), precautions.test_two_concurrent_requests_of_one_customer_use_it_once
    ),
    "used by one customer from every address": Control(
        dropped(usage, "used_as_read"), precautions.test_one_customer_with_two_addresses_uses_it_once
    ),
    "used although switched off": Control(dropped(shares, "not_edited"), precautions.test_a_code_switched_off_meanwhile_is_refused),
    "used twice by one request": Control(dropped(writes, "NEW"), precautions.test_a_request_that_is_sent_again_is_one_use),
    "spots kept by a refused request": Control(spots_before_the_use, precautions.test_the_last_use_goes_to_one_of_two),
    "not given back on removal": Control(use_kept_by_what_is_over, precautions.test_a_removal_returns_the_use_at_once_and_once),
    "not given back by an invitation that is over": Control(
        use_kept_by_what_is_over, precautions.test_an_ended_invitation_returns_its_use_at_once_and_once
    ),
    "not given back when the session is full": Control(
        use_kept_by_what_never_stood, precautions.test_a_session_that_fills_up_meanwhile_costs_no_use
    ),
    "given back twice by one removal": Control(given_back_without_a_note, precautions.test_a_removal_returns_the_use_at_once_and_once),
    "given back by a move": Control(dropped(usage, "REGISTERED_HERE"), precautions.test_a_registration_that_moved_keeps_its_use),
    "given back by an invitation that was used": Control(
        dropped(usage, "ENDED"), precautions.test_an_accepted_invitation_passes_its_use_to_the_registration
    ),
    "never settled": Control(uses_never_left_behind, precautions.test_a_crashed_invitation_does_not_block_the_last_use),
    "settled without looking at the ledger": Control(ledger_not_looked_at, precautions.test_a_booking_whose_stream_is_late_keeps_its_use),
    "tried again without renewing the row": Control(row_not_renewed, precautions.test_a_booking_retried_while_it_is_settled_stands),
    "taken back though tried again": Control(dropped(writes, "as_written"), precautions.test_a_booking_retried_while_it_is_settled_stands),
    "an invitation taken back though tried again": Control(
        dropped(invitations_writing, "begun_as_read"), precautions.test_an_invitation_retried_while_it_is_settled_stands
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
