"""R4: negative controls. Each takes one precaution out of the code and sees the test that is named beside it fail."""

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.operations.invitations import lifecycle
from chalicelib.operations.registrations import booking
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.tables import conditions, dynamodb, keys, ledger
from chalicelib.tables.conditions import Condition, Update
from chalicelib.tables.invitations import writes
from chalicelib.tables.items import Item
from chalicelib.tables.ledger import chunks, claims, confirmed_holds, extras, full_cache, holds, rebalancing
from chalicelib.tables.registrations import participants
from chalicelib.tables.registrations import writes as registration_writes
from tests.live.ledger import test_claims, test_duplicates, test_expiry, test_extras, test_full_cache, test_retries
from tests.live.ledger.fault_injection import THERE, Control, Patch, check_noticed, dropped, without
from tests.live.ledger.scenario import ORG

invite_module = import_module("chalicelib.operations.invitations.invite")
write_module = import_module("chalicelib.operations.invitations.write")


register_module = import_module("chalicelib.operations.registrations.register")


pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]


def only_state_on_release(patch: Patch) -> None:
    patch.setattr(holds, "AS_SEEN", f"({holds.AS_SEEN} OR attribute_exists(h.#id.s))")


def nonce_ignored(patch: Patch) -> None:
    """The nonce of the old image is ignored: every hold seems foreign."""

    def strange(chunk: Chunk) -> Chunk:
        holds = {id: hold._replace(nonce="?") for id, hold in chunk.holds.items()}
        return Chunk(chunk.number, chunk.cap, chunk.spots, chunk.extra, holds)

    patch.setattr(claims, "chunk_from", lambda item: strange(chunks.chunk_from(item)))
    patch.setattr(claims, "read", lambda *arguments: [strange(chunk) for chunk in chunks.read(*arguments)])


def confirmed_swept(patch: Patch) -> None:
    """Ending an invitation frees its hold in any state."""

    def free(ended: Invitation) -> None:
        found = ledger.locate(ended.org, ended.session, ended.id, chunk=ended.chunk)
        if found:
            ledger.release(ended.org, ended.session, ended.id, found.hold, chunk=found.chunk)

    patch.setattr(lifecycle, "free", free)


def whole_chunk_put(patch: Patch) -> None:
    """Read, change, write: the chunk is put without a condition."""

    def put(org: str, session: str, number: int, hold_id: str, hold: Hold, **_seen: object) -> None:
        key = keys.chunk(org, session, number)
        item = dynamodb.get(config().rosters_table, key) or {}
        if int(item["spots"]["N"]) < hold.spots:
            raise dynamodb.ConditionFailed(item)
        item["spots"]["N"] = str(int(item["spots"]["N"]) - hold.spots)
        item["h"]["M"][hold_id] = chunks.hold_item(hold)
        dynamodb.put(config().rosters_table, item, conditions.THERE)

    patch.setattr(claims, "_write_claim", put)


def confirmed_after_expiry(patch: Patch) -> None:
    patch.setattr(confirmed_holds, "STILL_HELD", without("h.#id.#expires > :now", confirmed_holds.STILL_HELD))


def confirmed_whatever_attempt(patch: Patch) -> None:
    patch.setattr(confirmed_holds, "STILL_HELD", without("h.#id.#nonce = :nonce", confirmed_holds.STILL_HELD))


def taken_over_without_comparing(patch: Patch) -> None:
    true_update = dynamodb.update

    def update(table: str, key: keys.Key, change: str | Update, condition: str | Condition, **more: Any) -> Item:
        if isinstance(condition, Condition):
            return true_update(table, key, change, condition, **more)
        return true_update(table, key, change, re.sub(r"(h\.#o\d+ = :o\d+)", rf"(\1 OR {THERE})", condition), **more)

    patch.setattr(dynamodb, "update", update)


def resized_without_condition(patch: Patch) -> None:
    for condition in ("CAP_AS_READ", "SPOTS_AS_READ", "SPARE_SPOTS"):
        dropped(rebalancing, condition)(patch)


def in_flight_never(patch: Patch) -> None:
    for module in (booking, write_module):
        patch.setattr(module, "IN_FLIGHT", timedelta(0))


def no_other_addresses(module: Any) -> Callable[[Patch], None]:
    """Only guards under the address itself are compared."""
    return lambda patch: patch.setattr(module, "elsewhere", lambda *_: [])


def retries_taken_for_first_tries(patch: Patch) -> None:
    patch.setattr(register_module, "write_registration", lambda *arguments, **more: booking.write_registration(*arguments, **more) or True)


def run_out_taken_for_gone(patch: Patch) -> None:
    patch.setattr(confirmed_holds, "HoldRunOut", holds.HoldGone)


def confirmed_for_anybody(patch: Patch) -> None:
    """The second claimant of an invitation is told that it worked."""

    def confirm(*arguments: Any, **more: Any) -> bool:
        try:
            return confirmed_holds.confirm(*arguments, **more)
        except holds.HoldConfirmed:
            return False

    patch.setattr(ledger, "confirm", confirm)


def staff_at_the_gate(patch: Patch) -> None:
    def check_room(chunk: Chunk, id: str, wanted: int, now: Any) -> None:
        for _, session in list(full_cache._full):
            full_cache.check(ORG, session, wanted)

    patch.setattr(invite_module, "_check_room", check_room)


def gate_closed_for_long(patch: Patch) -> None:
    patch.setattr(full_cache, "SECONDS", 60.0)


def gate_not_opened_by_releases(patch: Patch) -> None:
    patch.setattr(full_cache, "reopen", lambda *_: None)


def old_attempts_left_lying(patch: Patch) -> None:
    patch.setattr(claims, "release_on", lambda *arguments, **more: False)


CONTROLS = {
    "claims without enough spots": Control(dropped(claims, "ENOUGH_SPOTS"), test_claims.test_no_more_claims_than_spots),
    "a hold written over itself": Control(dropped(claims, "NOT_THERE_YET"), test_claims.test_the_same_claim_made_twice_is_one),
    "the old image's nonce ignored": Control(nonce_ignored, test_claims.test_a_claim_whose_reply_is_lost_is_recognised, {"spots": 1}),
    "chunks put as a whole": Control(whole_chunk_put, test_claims.test_two_claims_at_once_both_count),
    "released by state alone": Control(only_state_on_release, test_claims.test_a_hold_is_released_only_as_it_was_read),
    "swept without looking": Control(only_state_on_release, test_claims.test_a_hold_confirmed_during_the_sweep_stays),
    "confirmed holds swept": Control(confirmed_swept, test_claims.test_a_hold_confirmed_during_the_sweep_stays),
    "confirmed after running out": Control(confirmed_after_expiry, test_claims.test_an_expired_hold_is_never_confirmed),
    "confirmed whatever the attempt": Control(
        confirmed_whatever_attempt, test_claims.test_another_attempt_under_the_same_id_is_never_confirmed
    ),
    "confirmed for the second claimant": Control(
        confirmed_for_anybody, test_duplicates.test_an_open_invitation_goes_to_one_of_two_at_each_step
    ),
    "taken over without comparing": Control(taken_over_without_comparing, test_claims.test_a_hold_confirmed_during_a_takeover_stays),
    "resized without a condition": Control(resized_without_condition, test_claims.test_spots_taken_while_a_session_is_made_smaller_count),
    "moved without a condition": Control(
        dropped(rebalancing, "SPARE_SPOTS"), test_claims.test_a_spot_taken_while_it_is_moved_is_not_moved, {"small_chunks": 3}
    ),
    "debts ignored": Control(dropped(claims, "NO_DEBT"), test_claims.test_a_debt_is_paid_before_spots_are_given, {"small_chunks": 3}),
    "extras without end": Control(
        dropped(extras, "ROOM_FOR_EXTRA"), test_extras.test_at_most_fifty_extras_and_a_refused_one_leaves_nothing
    ),
    "an earlier attempt's spots kept": Control(
        old_attempts_left_lying, test_retries.test_an_invitation_can_be_revived_after_a_crashed_cancellation, {"spots": 5}
    ),
    "a retry taken for a first try": Control(retries_taken_for_first_tries, test_retries.test_a_retried_registration_stays_in_its_chunk),
    "nothing is ever in flight": Control(
        in_flight_never, test_duplicates.test_two_registrations_of_one_participant_by_two_clocks_are_one, {"skew": 0}
    ),
    "participants not compared": Control(
        dropped(participants, "unassigned_or_own"), test_duplicates.test_the_same_participant_twice_is_refused_on_every_way
    ),
    "addresses not compared": Control(dropped(writes, "address_free"), test_duplicates.test_a_second_live_invitation_names_the_first),
    "participants of another address not compared": Control(
        no_other_addresses(registration_writes),
        test_duplicates.test_one_child_under_two_addresses_of_a_customer_at_once_is_one_at_each_step,
    ),
    "another address of the customer not compared": Control(
        no_other_addresses(writes), test_duplicates.test_two_invitations_to_two_addresses_of_a_customer_at_once_are_one_at_each_step
    ),
    "a row deleted that another try needs": Control(
        run_out_taken_for_gone, test_expiry.test_two_attempts_with_different_clocks_do_not_lose_the_registration
    ),
    "staff turned away at the gate": Control(staff_at_the_gate, test_full_cache.test_staff_bypass_the_cache),
    "the gate closed for long": Control(gate_closed_for_long, test_full_cache.test_a_spot_freed_elsewhere_is_found_within_a_second),
    "the gate not opened by a release": Control(
        gate_not_opened_by_releases, test_full_cache.test_a_release_in_this_process_clears_the_cache
    ),
}


@pytest.fixture
def given(request: pytest.FixtureRequest, monkeypatch: Patch) -> Callable[[Control], dict[str, Any]]:
    """Return the fixtures that the check needs."""

    def needs(control: Control) -> dict[str, Any]:
        if control.check.__module__ != test_full_cache.__name__:
            return control.given
        watch = test_full_cache.Watch()
        monkeypatch.setattr(full_cache, "time", watch)
        return {"watch": watch}

    return needs


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str, given: Callable[[Control], dict[str, Any]]) -> None:
    check_noticed(name, CONTROLS[name], lambda: given(CONTROLS[name]))
