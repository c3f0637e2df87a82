"""R4 for codes: negative controls. Each takes one precaution out of the code and sees the test that is named beside it fail."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations.codes import booking, settling
from chalicelib.rules.codes import Code, Use
from chalicelib.rules.ledger import IN_FLIGHT, Hold
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Line
from chalicelib.tables import codes, ledger, throttles
from chalicelib.tables.codes import issuing, using
from tests.live.codes import test_batches, test_guessing, test_left_behind, test_precautions
from tests.live.ledger.planting import THERE, Control, Patch, check_noticed, dropped

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def use_seen_by_attempt(patch: Patch) -> None:
    patch.setattr(using, "AS_SEEN", f"({using.AS_SEEN} OR attribute_exists(h.#id.v))")


def use_not_renewed(patch: Patch) -> None:
    patch.setattr(codes, "renew_use", lambda *_, **__: True)


def ledger_not_looked_at(patch: Patch) -> None:
    patch.setattr(settling, "_stands", lambda *_: False)


def use_given_back_without_its_row(patch: Patch) -> None:
    patch.setattr(codes, "give_back", lambda registration, code, seen: using.return_use(code, registration.id, seen))


def stored_whatever_there_is(patch: Patch) -> None:
    patch.setattr(issuing, "NEW", f"({issuing.NEW} OR {THERE})")


def places_not_compared(patch: Patch) -> None:
    """Whoever does a step again takes its own codes for somebody else's."""
    patch.setattr(issuing, "_of_this_place", lambda *_: False)


def used_before_held(patch: Patch) -> None:
    def book(registration: Registration, code: Code, session: Session, line: Line, *, now: datetime) -> None:
        hold = Hold(n=registration.party_size, s="H", v=registration.nonce, e=int((now + IN_FLIGHT).timestamp()))
        booking._use(registration, code, hold, chunk=registration.chunk, now=now)
        chunk = ledger.claim_publicly(registration.org, session.id, registration.hold, hold, chunks=session.chunks, line=line, now=now)
        booking._confirm(registration, hold, chunk=chunk, now=now)

    patch.setattr(booking, "_book", book)


def retries_at_the_gate(patch: Patch) -> None:
    true_hold = booking._hold

    def hold(registration: Registration, code: Code, *asked: Any, **more: Any) -> int:
        return true_hold(registration, replace(code, uses={}), *asked, **more)

    patch.setattr(booking, "_hold", hold)


def uses_never_final(patch: Patch) -> None:
    patch.setattr(Use, "in_flight", lambda *_: True)


CONTROLS = {
    "used without enough left": Control(dropped(using, "ENOUGH_LEFT"), test_precautions.test_the_last_use_goes_to_one_of_two),
    "used twice by one registration": Control(dropped(using, "NOT_USED_BY_THIS"), test_precautions.test_a_registration_uses_a_code_once),
    "used although archived": Control(
        dropped(using, "NOT_ARCHIVED"), test_precautions.test_a_code_that_is_archived_at_this_moment_books_nothing
    ),
    "used although run out": Control(
        dropped(using, "NOT_RUN_OUT"), test_precautions.test_a_code_that_is_ended_at_this_moment_books_nothing
    ),
    "taken back by attempt alone": Control(
        use_seen_by_attempt, test_precautions.test_a_booking_that_is_tried_again_while_it_is_settled_stands
    ),
    "taken back whatever is left": Control(
        dropped(using, "AS_READ"), test_precautions.test_the_funnel_counts_who_books_while_another_use_is_taken_back
    ),
    "tried again without renewing the use": Control(
        use_not_renewed, test_precautions.test_a_booking_that_is_tried_again_while_it_is_settled_stands
    ),
    "settled without looking at the ledger": Control(
        ledger_not_looked_at, test_precautions.test_a_booking_whose_stream_is_late_keeps_its_use
    ),
    "taken back without its row": Control(
        use_given_back_without_its_row, test_precautions.test_what_was_taken_back_can_be_booked_again_by_the_same_request
    ),
    "never settled": Control(uses_never_final, test_precautions.test_what_was_taken_back_can_be_booked_again_by_the_same_request),
    "used before held": Control(used_before_held, test_precautions.test_a_session_that_fills_up_at_this_moment_costs_no_use),
    "a retry turned away at the gate": Control(
        retries_at_the_gate, test_left_behind.test_a_request_sent_again_is_not_turned_away_at_the_gate
    ),
    "stored without a condition": Control(
        stored_whatever_there_is, test_left_behind.test_a_batch_that_is_made_once_more_leaves_what_became_of_its_codes
    ),
    "a place's own code drawn again": Control(places_not_compared, test_batches.test_a_step_done_again_makes_the_same_codes),
    "misses counted without a condition": Control(
        dropped(throttles, "NEW_OR_FEWER"), test_guessing.test_ten_misses_of_one_address_are_answered_whoever_asks_at_once
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
