"""R4 for codes: negative controls. Each takes one precaution out of the code and sees the test that is named beside it fail."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations.codes import reclaim, redeem
from chalicelib.rules.codes import Code, Use
from chalicelib.rules.ledger import IN_FLIGHT, Hold
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes, throttle
from chalicelib.tables.booking_context import BookingContext
from chalicelib.tables.codes import issue, usage
from chalicelib.tables.conditions import NEW, THERE, present
from tests.live.codes import test_abandoned, test_batches, test_precautions, test_throttle
from tests.live.ledger.fault_injection import Control, Patch, check_noticed, dropped

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def use_seen_by_attempt(patch: Patch) -> None:
    true_as_seen = usage.as_seen
    patch.setattr(usage, "as_seen", lambda id, seen: true_as_seen(id, seen) | present(("h", id, "v")))


def use_not_renewed(patch: Patch) -> None:
    patch.setattr(codes, "renew_use", lambda *_, **__: True)


def ledger_not_looked_at(patch: Patch) -> None:
    patch.setattr(reclaim, "_is_booked", lambda *_: False)


def use_given_back_without_its_row(patch: Patch) -> None:
    patch.setattr(codes, "delete_failed_booking", lambda registration, code, seen: usage.return_use(code, registration.id, seen))


def stored_whatever_there_is(patch: Patch) -> None:
    patch.setattr(issue, "NEW", NEW | THERE)


def numbers_not_compared(patch: Patch) -> None:
    """A repeated step takes its own codes for foreign ones."""
    patch.setattr(issue, "_of_this_number", lambda *_: False)


def used_before_held(patch: Patch) -> None:
    def book(registration: Registration, code: Code, context: BookingContext, *, now: datetime) -> None:
        hold = Hold(spots=registration.party_size, state="held", nonce=registration.nonce, expires_at=int((now + IN_FLIGHT).timestamp()))
        redeem._use(registration, code, hold, others=(), chunk=registration.chunk, now=now)
        chunk = redeem._hold(registration, code, context.session, hold, queue=context.queue, now=now)
        redeem._confirm(registration, hold, chunk=chunk, now=now)

    patch.setattr(redeem, "_book", book)


def retries_at_the_gate(patch: Patch) -> None:
    true_hold = redeem._hold

    def hold(registration: Registration, code: Code, *arguments: Any, **more: Any) -> int:
        return true_hold(registration, replace(code, uses={}), *arguments, **more)

    patch.setattr(redeem, "_hold", hold)


def uses_never_final(patch: Patch) -> None:
    patch.setattr(Use, "in_flight", lambda *_: True)


CONTROLS = {
    "used without enough left": Control(dropped(usage, "enough_left"), test_precautions.test_the_last_use_goes_to_one_of_two),
    "used twice by one registration": Control(dropped(usage, "not_used_by_this"), test_precautions.test_a_registration_uses_a_code_once),
    "used although archived": Control(dropped(usage, "NOT_ARCHIVED"), test_precautions.test_a_code_archived_meanwhile_books_nothing),
    "used although run out": Control(dropped(usage, "not_run_out"), test_precautions.test_a_code_that_expired_meanwhile_books_nothing),
    "taken back by attempt alone": Control(use_seen_by_attempt, test_precautions.test_a_booking_retried_while_it_is_settled_stands),
    "taken back whatever is left": Control(
        dropped(usage, "as_read"), test_precautions.test_the_funnel_counts_a_booking_while_another_use_is_reclaimed
    ),
    "tried again without renewing the use": Control(use_not_renewed, test_precautions.test_a_booking_retried_while_it_is_settled_stands),
    "settled without looking at the ledger": Control(
        ledger_not_looked_at, test_precautions.test_a_booking_whose_stream_is_late_keeps_its_use
    ),
    "taken back without its row": Control(
        use_given_back_without_its_row, test_precautions.test_a_reclaimed_booking_can_be_made_again_by_the_same_request
    ),
    "never settled": Control(uses_never_final, test_precautions.test_a_reclaimed_booking_can_be_made_again_by_the_same_request),
    "used before held": Control(used_before_held, test_precautions.test_a_session_that_fills_up_meanwhile_costs_no_use),
    "a retry turned away at the gate": Control(retries_at_the_gate, test_abandoned.test_a_retried_request_is_not_refused_by_the_full_cache),
    "stored without a condition": Control(stored_whatever_there_is, test_abandoned.test_a_repeated_batch_keeps_the_state_of_its_codes),
    "a number's own code drawn again": Control(numbers_not_compared, test_batches.test_a_repeated_step_makes_the_same_codes),
    "misses counted without a condition": Control(
        dropped(throttle, "new_or_fewer"), test_throttle.test_concurrent_failures_of_one_address_are_limited_to_ten
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
