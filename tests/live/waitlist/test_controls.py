"""R4 for the waitlist: each takes one precaution out of the code and sees the test that is named beside it fail."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from chalicelib.events import rosters as handlers
from chalicelib.operations.waitlist import offer
from chalicelib.rules import transitions, waitlist
from chalicelib.rules.ledger import Chunk
from chalicelib.rules.session_refusals import SessionPast
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import dynamodb, ledger
from chalicelib.tables import waitlist as entries
from chalicelib.tables.dynamodb import Writes
from chalicelib.tables.invitations import writes as invitations_writing
from chalicelib.tables.ledger import claims
from chalicelib.tables.ledger.waitlist_count import Guard, as_counted, queue_is_empty
from chalicelib.tables.waitlist import writes
from tests.live.ledger.fault_injection import THERE, Control, Patch, check_noticed, dropped
from tests.live.waitlist import test_advance as freeing
from tests.live.waitlist import test_crashes as crashes
from tests.live.waitlist import test_precautions as precautions
from tests.live.waitlist.scenario import quiet, without_pauses

advance = import_module("chalicelib.operations.waitlist.advance")

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]


@pytest.fixture(autouse=True)
def _handlers_alone(stage: str, monkeypatch: Patch) -> None:
    quiet(monkeypatch)
    without_pauses(monkeypatch)


def replaced(module: Any, name: str, by: Any) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(module, name, by)


def anybody_waiting(patch: Patch) -> None:
    """The public's claim ignores the queue."""
    seen = queue_is_empty()
    patch.setattr(claims, "queue_is_empty", lambda: Guard(f"({seen.condition} OR {THERE})", seen.values))


def unconfirmed_not_compared(patch: Patch) -> None:
    """The public's claim does not notice that a party was confirmed since the queue was read."""

    def guard(chunk: Chunk) -> Guard:
        return as_counted(replace(chunk, unconfirmed_parties=0))

    patch.setattr(claims, "as_counted", guard)


def everybody_blocks(patch: Patch) -> None:
    def as_if_confirmed(entries: list[WaitlistEntry], free: int, queue: waitlist.Queue) -> WaitlistEntry | None:
        return waitlist.entry_with_reserved_spots([replace(entry, unconfirmed=False) for entry in entries], free, queue)

    patch.setattr(advance, "entry_with_reserved_spots", as_if_confirmed)


def weighed_once(patch: Patch) -> None:
    """The first guard is kept, although the queue is empty by now."""
    first: list[Guard] = []

    def weighed(chunk: Any) -> Guard:
        first.append(as_counted(chunk))
        return first[0]

    patch.setattr(claims, "as_counted", weighed)
    patch.setattr(claims, "queue_is_empty", lambda: first[0] if first else queue_is_empty())


def line_not_counted_down(patch: Patch) -> None:
    patch.setattr(ledger, "offer_writes", lambda *arguments, **more: _true_offer_writes(*arguments, **{**more, "in_line": False}))


_true_offer_writes = ledger.offer_writes


def list_counted_apart(patch: Patch) -> None:
    """The count of live entries is changed by itself, before the entry is."""

    def counted(entry: WaitlistEntry) -> Writes:
        dynamodb.transact([ledger.live_write(entry.org, entry.session, -1)])
        return writes._out_of_line(entry)

    patch.setattr(writes, "_out_of_list", counted)


def on_top(entries: list[WaitlistEntry], _: Any) -> int:
    return min(entry.place for entry in entries) - 1


def taken_back_waits_again(patch: Patch) -> None:
    patch.setattr(entries, "hold_back", lambda entry, _: writes.return_to_line(entry, entry.place))


def in_any_order(patch: Patch) -> None:
    patch.setattr(
        advance,
        "entry_with_reserved_spots",
        lambda entries, free, queue: waitlist.entry_with_reserved_spots(entries, free, queue._replace(strict=False)),
    )


def only_who_fits_is_looked_at(patch: Patch) -> None:
    patch.setattr(advance, "entry_with_reserved_spots", waitlist.next_in_line)


def offered_as_if_new(patch: Patch) -> None:
    """The entry is offered spots whatever its status, and each pass makes its own offer."""
    true_invitation = offer._invitation
    made: list[int] = []

    def another(entry: Any, *arguments: Any, **more: Any) -> Any:
        made.append(1)
        return true_invitation(replace(entry, offers=len(made)), *arguments, **more)

    patch.setattr(offer, "_invitation", another)
    dropped(invitations_writing, "address_free")(patch)
    dropped(writes, "as_seen")(patch)
    line_not_counted_down(patch)


def row_believed(patch: Patch) -> None:
    patch.setattr(advance, "outcome", lambda invitation, _: waitlist.outcome(invitation))


def refused_by_a_cancelled_session(patch: Patch) -> None:
    patch.setattr(advance, "SessionCancelled", SessionPast)


def never_told_of_a_first_try(patch: Patch) -> None:
    true_made = offer._made_before
    patch.setattr(offer, "_made_before", lambda entry, by, first_try: true_made(entry, by, first_try=True))


def freed_by_half(old: Any, new: Any) -> bool:
    """A chunk without a surplus advances no waitlist."""
    return new.spots > 0 and _true_freed(old, new)


_true_freed = transitions.freed


def own_entry_forgotten(patch: Patch) -> None:
    join = import_module("chalicelib.operations.waitlist.join")
    patch.setattr(join, "_is_written", lambda contexts, entry, now: bool(join._check_must_wait(contexts[0], entry.spots, now)))


CONTROLS = {
    "a buyer does not look at the queue": Control(
        anybody_waiting, precautions.test_a_buyer_who_read_an_empty_queue_does_not_get_a_spot_freed_since
    ),
    "a buyer weighs the queue once": Control(weighed_once, precautions.test_a_buyer_gets_the_spot_when_the_queue_empties_while_it_is_read),
    "confirmed while a buyer reads": Control(
        unconfirmed_not_compared, precautions.test_a_buyer_does_not_get_spots_of_a_party_that_is_confirmed_meanwhile
    ),
    "an unconfirmed party blocks": Control(everybody_blocks, precautions.test_an_unconfirmed_party_that_does_not_fit_holds_up_nobody),
    "not counted out of the queue": Control(
        line_not_counted_down, precautions.test_an_offer_takes_its_party_out_of_the_queue_counts, {"sizes": (1, 2)}
    ),
    "not counted out of a long session's queue": Control(
        line_not_counted_down, precautions.test_an_offer_takes_its_party_out_of_the_queue_counts, {"sizes": (1, 3, 3)}
    ),
    "not counted out of the list": Control(
        replaced(writes, "_out_of_list", writes._out_of_line), precautions.test_an_entry_that_ends_with_its_offer_is_counted_out_of_the_list
    ),
    "counted out of the list by itself": Control(
        list_counted_apart, precautions.test_an_entry_that_is_ended_twice_at_once_is_counted_out_once
    ),
    "offered to an entry that has left": Control(
        dropped(writes, "same_status"), precautions.test_an_entry_that_leaves_during_its_offer_gets_none_and_the_next_does
    ),
    "offered by two passes": Control(offered_as_if_new, precautions.test_overlapping_passes_make_no_offer_twice),
    "put back on top": Control(
        replaced(advance, "last_place", on_top), precautions.test_an_entry_with_an_expired_offer_moves_to_the_bottom
    ),
    "put back in one place": Control(
        replaced(advance, "last_place", lambda _, now: waitlist.place_at(now)),
        precautions.test_entries_whose_offers_expire_together_keep_their_order,
    ),
    "taken back and offered again": Control(
        taken_back_waits_again, precautions.test_an_entry_with_a_withdrawn_offer_gets_no_automatic_offer
    ),
    "passed by others": Control(in_any_order, precautions.test_in_strict_order_no_entry_passes_the_first),
    "kept waiting by an unreachable address": Control(
        only_who_fits_is_looked_at, precautions.test_an_unreachable_address_does_not_block_the_queue
    ),
    "not looked at when the first leaves": Control(
        replaced(handlers, "_entry", lambda *_: None), freeing.test_when_the_first_entry_leaves_the_stream_offers_to_the_next
    ),
    "not adopted": Control(
        replaced(offer, "_live_offer", lambda *_: None), precautions.test_an_invitation_by_staff_to_the_same_address_becomes_the_offer
    ),
    "the row believed before the ledger": Control(row_believed, precautions.test_an_acceptance_during_the_sweep_gets_no_second_offer),
    "stopped by a cancelled session": Control(
        refused_by_a_cancelled_session,
        precautions.test_a_session_that_is_cancelled_while_an_offer_is_made_ends_it_and_its_waitlist,
        {"moment": "BatchGetItem"},
    ),
    "offered on a cancelled session": Control(
        replaced(advance, "end_offer", lambda *_, **__: None),
        precautions.test_a_session_that_is_cancelled_while_an_offer_is_made_ends_it_and_its_waitlist,
        {"moment": "TransactWriteItems"},
    ),
    "a made offer refused": Control(never_told_of_a_first_try, crashes.test_an_offer_by_hand_whose_reply_is_lost_is_answered),
    "joined again as a stranger": Control(
        own_entry_forgotten, crashes.test_a_retried_join_is_the_same_entry_although_spots_are_free_by_now
    ),
    "a paid debt unnoticed": Control(
        replaced(transitions, "freed", freed_by_half), freeing.test_paying_the_last_debt_of_a_smaller_session_advances_the_waitlist
    ),
    "a moved session unnoticed": Control(replaced(handlers, "_session", lambda *_: None), freeing.test_moving_a_session_resumes_offers),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name], lambda: CONTROLS[name].given)
