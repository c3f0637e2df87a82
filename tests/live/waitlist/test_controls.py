"""R4 for the waitlist: each takes one precaution out of the code and sees the test that is named beside it fail."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.events import rosters as handlers
from chalicelib.operations.waitlist import attending, offering
from chalicelib.rules import changes, waitlist
from chalicelib.rules.sessions import SessionPast
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import ledger
from chalicelib.tables import waitlist as entries
from chalicelib.tables.invitations import writing as invitations_writing
from chalicelib.tables.ledger import claims
from chalicelib.tables.ledger.line import Guard, as_counted, nobody_waits
from chalicelib.tables.waitlist import writing
from tests.live.ledger.planting import THERE, Control, Patch, check_noticed, dropped
from tests.live.waitlist import test_crashes as crashes
from tests.live.waitlist import test_freeing as freeing
from tests.live.waitlist import test_precautions as precautions
from tests.live.waitlist.scene import quiet, without_pauses

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]


@pytest.fixture(autouse=True)
def _handlers_alone(stage: str, monkeypatch: Patch) -> None:
    quiet(monkeypatch)
    without_pauses(monkeypatch)


def replaced(module: Any, name: str, by: Any) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(module, name, by)


def anybody_waiting(patch: Patch) -> None:
    """The public's claim does not look at the line."""
    seen = nobody_waits()
    patch.setattr(claims, "nobody_waits", lambda: Guard(f"({seen.condition} OR {THERE})", seen.values))


def weighed_once(patch: Patch) -> None:
    """What was weighed stays the guard, though nobody is in line any more."""
    first: list[Guard] = []

    def weighed(chunk: Any) -> Guard:
        first.append(as_counted(chunk))
        return first[0]

    patch.setattr(claims, "as_counted", weighed)
    patch.setattr(claims, "nobody_waits", lambda: first[0] if first else nobody_waits())


def line_not_counted_down(patch: Patch) -> None:
    patch.setattr(ledger, "offer_writes", lambda *asked, **more: _true_offer_writes(*asked, **{**more, "in_line": False}))


_true_offer_writes = ledger.offer_writes


def on_top(entries: list[Entry], _: Any) -> int:
    return min(entry.place for entry in entries) - 1


def taken_back_waits_again(patch: Patch) -> None:
    patch.setattr(entries, "hold_back", lambda entry, _: writing.return_to_line(entry, entry.place))


def in_any_order(patch: Patch) -> None:
    patch.setattr(attending, "awaited", lambda entries, free, line: waitlist.awaited(entries, free, line._replace(strict=False)))


def only_who_fits_is_looked_at(patch: Patch) -> None:
    patch.setattr(attending, "awaited", waitlist.next_in_line)


def offered_as_if_new(patch: Patch) -> None:
    """Whatever the entry has become, it is offered the spots; and each pass makes an offer of its own."""
    true_invitation = offering._invitation
    made: list[int] = []

    def another(entry: Any, *asked: Any, **more: Any) -> Any:
        made.append(1)
        return true_invitation(replace(entry, offers=len(made)), *asked, **more)

    patch.setattr(offering, "_invitation", another)
    dropped(invitations_writing, "ADDRESS_FREE")(patch)
    patch.setattr(writing, "_as_seen", lambda entry: (f"({_true_as_seen(entry)[0]}) OR {THERE}", _true_as_seen(entry)[1]))
    line_not_counted_down(patch)


_true_as_seen = writing._as_seen


def row_believed(patch: Patch) -> None:
    patch.setattr(attending, "outcome", lambda invitation, _: waitlist.outcome(invitation))


def refused_by_a_cancelled_session(patch: Patch) -> None:
    patch.setattr(attending, "SessionCancelled", SessionPast)


def never_told_of_a_first_try(patch: Patch) -> None:
    true_made = offering._made_before
    patch.setattr(offering, "_made_before", lambda entry, by, first_try: true_made(entry, by, first_try=True))


def freed_by_half(old: Any, new: Any) -> bool:
    """A chunk that has none to spare wakes nobody."""
    return new.spots > 0 and _true_freed(old, new)


_true_freed = changes.freed


def own_entry_forgotten(patch: Patch) -> None:
    patch.setattr(entries, "find", lambda *_: None)


CONTROLS = {
    "a buyer does not look at the line": Control(
        anybody_waiting, precautions.test_a_buyer_who_looked_before_anybody_waited_does_not_get_what_became_free_since
    ),
    "a buyer weighs the line once": Control(
        weighed_once, precautions.test_a_buyer_who_waits_for_the_line_to_be_weighed_gets_the_spot_when_the_last_has_left
    ),
    "not counted out of the line": Control(
        line_not_counted_down, precautions.test_an_offer_counts_its_party_out_of_the_line, {"sizes": (1, 2)}
    ),
    "not counted out of a long session's line": Control(
        line_not_counted_down, precautions.test_an_offer_counts_its_party_out_of_the_line, {"sizes": (1, 3, 3)}
    ),
    "offered to whoever has left": Control(
        dropped(writing, "SAME_STATUS"), precautions.test_who_leaves_while_the_offer_is_made_gets_none_and_the_next_does
    ),
    "offered by two passes": Control(offered_as_if_new, precautions.test_a_pass_in_the_midst_of_another_makes_no_offer_twice),
    "put back on top": Control(replaced(attending, "bottom", on_top), precautions.test_who_lets_an_offer_run_out_stands_at_the_bottom),
    "put back in one place": Control(
        replaced(attending, "bottom", lambda _, now: waitlist.place_at(now)),
        precautions.test_those_whose_offers_run_out_together_keep_their_order,
    ),
    "taken back and offered again": Control(taken_back_waits_again, precautions.test_who_was_taken_back_is_offered_nothing_by_itself),
    "passed by others": Control(in_any_order, precautions.test_in_strict_order_nobody_passes_the_first),
    "kept waiting by whom no letter reaches": Control(
        only_who_fits_is_looked_at, precautions.test_whom_no_letter_reaches_does_not_stand_in_the_way_of_the_line
    ),
    "not looked at when the first leaves": Control(
        replaced(handlers, "_entry", lambda *_: None), freeing.test_when_the_first_leaves_the_next_is_offered_by_the_stream
    ),
    "not adopted": Control(
        replaced(offering, "_standing", lambda *_: None), precautions.test_an_invitation_that_staff_sent_to_the_same_address_is_the_offer
    ),
    "the row believed before the ledger": Control(row_believed, precautions.test_who_accepts_while_the_clock_strikes_gets_no_second_offer),
    "stopped by a cancelled session": Control(
        refused_by_a_cancelled_session,
        precautions.test_a_session_that_is_cancelled_while_an_offer_is_made_ends_it_and_its_waitlist,
        {"moment": "BatchGetItem"},
    ),
    "offered on a cancelled session": Control(
        replaced(attending, "end_offer", lambda *_, **__: None),
        precautions.test_a_session_that_is_cancelled_while_an_offer_is_made_ends_it_and_its_waitlist,
        {"moment": "TransactWriteItems"},
    ),
    "a made offer refused": Control(never_told_of_a_first_try, crashes.test_an_offer_by_hand_whose_reply_is_lost_is_told_all_the_same),
    "joined again as a stranger": Control(
        own_entry_forgotten, crashes.test_joining_again_under_the_same_key_is_the_same_entry_though_spots_are_free_by_now
    ),
    "a paid debt unnoticed": Control(
        replaced(changes, "freed", freed_by_half), freeing.test_the_last_spot_that_a_smaller_session_owes_wakes_the_line_when_it_is_paid
    ),
    "a moved session unnoticed": Control(
        replaced(handlers, "_session", lambda *_: None), freeing.test_a_session_that_is_moved_brings_offers_again
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name], lambda: CONTROLS[name].given)
