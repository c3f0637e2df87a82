"""R4 for baskets: negative controls. Each takes one precaution out of the code and sees the test that is named beside it fail."""

import sys
from typing import Any

import pytest

from chalicelib.operations import orders as operations
from chalicelib.operations.orders import invitation_writes
from chalicelib.tables import ledger, orders, sessions
from chalicelib.tables.codes import usage as code_usage
from chalicelib.tables.conditions import above, present
from chalicelib.tables.discounts import shares as discount_shares
from chalicelib.tables.ledger import confirmed_holds
from tests.live.ledger.fault_injection import THERE, Control, Patch, check_noticed, dropped
from tests.live.orders import test_precautions

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def nothing_taken_back(patch: Patch) -> None:
    patch.setattr(sys.modules[operations.place_order.__module__], "delete_line", lambda _: None)


def lost_replies_not_recognised(patch: Patch) -> None:
    patch.setattr(orders, "_is_decided", lambda *_: False)


def confirmed_whatever_it_is(patch: Patch) -> None:
    true_write = ledger.confirm_holds_write

    def write(*arguments: Any, **more: Any) -> dict[str, Any]:
        update = true_write(*arguments, **more)["Update"]
        return {"Update": {**update, "ConditionExpression": f"({update['ConditionExpression']}) OR {THERE}"}}

    patch.setattr(ledger, "confirm_holds_write", write)


def booked_at_any_time(patch: Patch) -> None:
    patch.setattr(orders, "above", lambda *arguments: above(*arguments) | present("pk"))


def kept_for_nobody(patch: Patch) -> None:
    patch.setattr(confirmed_holds, "NOBODY_PAYS", "(attribute_exists(h.#id) OR h.#id.#payer_until <= :now)")


def kept_for_good(patch: Patch) -> None:
    patch.setattr(ledger, "end_payment_hold", lambda _: None)


def not_accepted_with_the_payment(patch: Patch) -> None:
    patch.setattr(invitation_writes, "paid_accept_writes", lambda *_, **__: [])


def cancelled_sessions_not_looked_at(patch: Patch) -> None:
    patch.setattr(sessions, "not_cancelled_checks", lambda *_: [])


CONTROLS = {
    "an invitation kept for nobody": Control(
        kept_for_nobody, test_precautions.test_an_invitation_that_is_being_paid_for_is_accepted_by_nobody_else
    ),
    "an invitation not accepted with the payment": Control(
        not_accepted_with_the_payment,
        test_precautions.test_an_invitation_that_is_withdrawn_right_before_its_payment_is_booked_is_not_booked,
    ),
    "an invitation kept for good": Control(kept_for_good, test_precautions.test_a_killed_end_of_an_unpaid_order_is_finished_by_the_clock),
    "booked for a cancelled session": Control(
        cancelled_sessions_not_looked_at,
        test_precautions.test_a_session_that_is_cancelled_right_before_its_payment_is_booked_is_not_booked,
    ),
    "nothing taken back after a refusal": Control(
        nothing_taken_back, test_precautions.test_a_session_that_fills_up_meanwhile_is_named_and_nothing_is_held
    ),
    "booked by any attempt": Control(dropped(orders, "_attempt"), test_precautions.test_an_attempt_that_was_taken_over_books_nothing),
    "booked at any time": Control(booked_at_any_time, test_precautions.test_an_order_is_not_booked_after_its_time),
    "a lost reply taken for a refusal": Control(
        lost_replies_not_recognised, test_precautions.test_the_lost_reply_of_the_write_that_books_is_recognised
    ),
    "an invitation confirmed twice": Control(
        confirmed_whatever_it_is, test_precautions.test_an_invitation_that_is_accepted_meanwhile_is_not_accepted_twice
    ),
    "a code used without enough left": Control(
        dropped(code_usage, "enough_left"), test_precautions.test_the_last_use_of_a_code_that_goes_to_another_meanwhile_is_not_taken
    ),
    "a discount used without any left": Control(
        dropped(discount_shares, "uses_left"), test_precautions.test_the_last_use_of_a_discount_that_goes_to_another_meanwhile_is_not_taken
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
