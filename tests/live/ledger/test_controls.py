"""R4: negative controls. Each takes one precaution out of the code and sees the test that is named beside it fail."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.operations.invitations import inviting, keeping
from chalicelib.operations.registrations import registering, seating
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.settings import settings
from chalicelib.tables import keys, ledger, requests
from chalicelib.tables.invitations import writing
from chalicelib.tables.items import Item
from chalicelib.tables.ledger import chunks, claims, gate, holds, sizes
from chalicelib.tables.registrations import people
from tests.live.ledger import test_again, test_claims, test_expiry, test_extras, test_gate, test_twice
from tests.live.ledger.planting import THERE, Control, Patch, check_noticed, dropped
from tests.live.ledger.scene import ORG

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]


def only_state_on_release(patch: Patch) -> None:
    patch.setattr(holds, "AS_SEEN", f"({holds.AS_SEEN} OR attribute_exists(h.#id.s))")


def nonce_ignored(patch: Patch) -> None:
    """The old image's nonce is not looked at: every hold seems to be somebody else's."""

    def strange(chunk: Chunk) -> Chunk:
        return Chunk(chunk.number, chunk.cap, chunk.spots, chunk.extra, {own: hold._replace(v="?") for own, hold in chunk.holds.items()})

    patch.setattr(claims, "chunk_from", lambda item: strange(chunks.chunk_from(item)))
    patch.setattr(claims, "read", lambda *asked: [strange(chunk) for chunk in chunks.read(*asked)])


def confirmed_swept(patch: Patch) -> None:
    """Whoever ends an invitation frees whatever its hold is by now."""

    def free(ended: Invitation) -> None:
        found = ledger.locate(ended.org, ended.session, ended.id, chunk=ended.chunk)
        if found:
            ledger.release(ended.org, ended.session, ended.id, found[1], chunk=found[0])

    patch.setattr(keeping, "free", free)


def whole_chunk_put(patch: Patch) -> None:
    """Read, change, write back: the chunk is put without a condition."""

    def put(org: str, session: str, number: int, hold_id: str, hold: Hold, **_seen: object) -> None:
        key = keys.chunk(org, session, number)
        item = requests.get(settings().rosters_table, key) or {}
        if int(item["spots"]["N"]) < hold.n:
            raise requests.ConditionFailed(item)
        item["spots"]["N"] = str(int(item["spots"]["N"]) - hold.n)
        item["h"]["M"][hold_id] = chunks.hold_item(hold)
        requests.put(settings().rosters_table, item, THERE)

    patch.setattr(claims, "_write_claim", put)


def confirmed_after_expiry(patch: Patch) -> None:
    patch.setattr(holds, "STILL_HELD", holds.STILL_HELD.replace("h.#id.#e > :now", f"(h.#id.#e > :now OR {THERE})"))


def confirmed_whatever_attempt(patch: Patch) -> None:
    patch.setattr(holds, "STILL_HELD", holds.STILL_HELD.replace("h.#id.#v = :nonce", f"(h.#id.#v = :nonce OR {THERE})"))


def taken_over_without_comparing(patch: Patch) -> None:
    true_update = requests.update

    def update(table: str, key: keys.Key, change: str, condition: str, **more: Any) -> Item:
        return true_update(table, key, change, re.sub(r"(h\.#o\d+ = :o\d+)", rf"(\1 OR {THERE})", condition), **more)

    patch.setattr(requests, "update", update)


def resized_without_condition(patch: Patch) -> None:
    for condition in ("CAP_AS_READ", "SPOTS_AS_READ", "SPARE_SPOTS"):
        dropped(sizes, condition)(patch)


def in_flight_never(patch: Patch) -> None:
    for module in (seating, inviting):
        patch.setattr(module, "IN_FLIGHT", timedelta(0))


def retries_taken_for_first_tries(patch: Patch) -> None:
    patch.setattr(registering, "write_registration", lambda *asked: seating.write_registration(*asked) or True)


def run_out_taken_for_gone(patch: Patch) -> None:
    patch.setattr(holds, "HoldRunOut", holds.HoldGone)


def confirmed_for_anybody(patch: Patch) -> None:
    """Whoever comes second to an invitation is told that it worked."""

    def confirm(*asked: Any, **more: Any) -> bool:
        try:
            return holds.confirm(*asked, **more)
        except holds.HoldConfirmed:
            return False

    patch.setattr(ledger, "confirm", confirm)


def staff_at_the_gate(patch: Patch) -> None:
    def check_room(chunk: Chunk, own: str, wanted: int, now: Any) -> None:
        for _, session in list(gate._full):
            gate.check(ORG, session, wanted)

    patch.setattr(inviting, "_check_room", check_room)


def gate_closed_for_long(patch: Patch) -> None:
    patch.setattr(gate, "SECONDS", 60.0)


def gate_not_opened_by_releases(patch: Patch) -> None:
    patch.setattr(gate, "reopen", lambda *_: None)


def old_attempts_left_lying(patch: Patch) -> None:
    patch.setattr(claims, "release_on", lambda *asked, **more: False)


CONTROLS = {
    "claims without enough spots": Control(dropped(claims, "ENOUGH_SPOTS"), test_claims.test_no_more_people_than_spots),
    "a hold written over itself": Control(dropped(claims, "NOT_THERE_YET"), test_claims.test_the_same_claim_made_twice_is_one),
    "the old image's nonce ignored": Control(nonce_ignored, test_claims.test_a_claim_whose_reply_is_lost_is_recognised, {"spots": 1}),
    "chunks put as a whole": Control(whole_chunk_put, test_claims.test_two_claims_at_once_both_count),
    "released by state alone": Control(only_state_on_release, test_claims.test_a_hold_is_released_only_as_it_was_seen),
    "swept without looking": Control(only_state_on_release, test_claims.test_what_is_confirmed_while_it_is_swept_stays),
    "confirmed holds swept": Control(confirmed_swept, test_claims.test_what_is_confirmed_while_it_is_swept_stays),
    "confirmed after running out": Control(confirmed_after_expiry, test_claims.test_what_has_run_out_is_never_confirmed),
    "confirmed whatever the attempt": Control(
        confirmed_whatever_attempt, test_claims.test_another_attempt_under_the_same_id_is_never_confirmed
    ),
    "confirmed for whoever comes second": Control(
        confirmed_for_anybody, test_twice.test_an_open_invitation_goes_to_one_of_two_whoever_is_second_at_each_step
    ),
    "taken over without comparing": Control(taken_over_without_comparing, test_claims.test_what_is_confirmed_while_it_is_taken_over_stays),
    "resized without a condition": Control(resized_without_condition, test_claims.test_spots_taken_while_a_session_is_made_smaller_count),
    "moved without a condition": Control(
        dropped(sizes, "SPARE_SPOTS"), test_claims.test_a_spot_taken_while_it_is_moved_is_not_moved, {"small_chunks": 3}
    ),
    "debts ignored": Control(dropped(claims, "NO_DEBT"), test_claims.test_a_debt_is_paid_before_anything_is_given, {"small_chunks": 3}),
    "extras without end": Control(
        dropped(claims, "ROOM_FOR_EXTRA"), test_extras.test_at_most_fifty_extras_and_a_refused_one_leaves_nothing
    ),
    "an earlier attempt's spots kept": Control(
        old_attempts_left_lying, test_again.test_an_invitation_can_be_revived_although_whoever_cancelled_it_crashed_halfway, {"spots": 5}
    ),
    "a retry taken for a first try": Control(
        retries_taken_for_first_tries, test_again.test_a_registration_sent_again_stays_in_the_chunk_where_it_landed
    ),
    "nothing is ever in flight": Control(
        in_flight_never, test_twice.test_two_registrations_of_one_participant_by_two_clocks_are_one, {"skew": 0}
    ),
    "participants not compared": Control(
        dropped(people, "NOBODY_OR_MINE"), test_twice.test_the_same_participant_twice_is_refused_whichever_way_they_come
    ),
    "addresses not compared": Control(dropped(writing, "ADDRESS_FREE"), test_twice.test_a_second_live_invitation_names_the_first),
    "a row deleted that another try needs": Control(
        run_out_taken_for_gone, test_expiry.test_two_tries_of_one_person_with_different_clocks_do_not_lose_the_registration
    ),
    "staff turned away at the gate": Control(staff_at_the_gate, test_gate.test_staff_never_meet_it),
    "the gate closed for long": Control(gate_closed_for_long, test_gate.test_a_spot_that_was_freed_elsewhere_is_found_within_a_second),
    "the gate not opened by a release": Control(gate_not_opened_by_releases, test_gate.test_a_release_of_our_own_opens_at_once),
}


@pytest.fixture
def given(request: pytest.FixtureRequest, monkeypatch: Patch) -> Callable[[Control], dict[str, Any]]:
    """Return what the check needs of fixtures."""

    def needs(control: Control) -> dict[str, Any]:
        if control.check.__module__ != test_gate.__name__:
            return control.given
        watch = test_gate.Watch()
        monkeypatch.setattr(gate, "time", watch)
        return {"watch": watch}

    return needs


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str, given: Callable[[Control], dict[str, Any]]) -> None:
    check_noticed(name, CONTROLS[name], lambda: given(CONTROLS[name]))
