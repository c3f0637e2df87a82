"""R1 and R2 for the waitlist: buyers, passes of the handlers and joining entries race. A kept spot goes to the entry it is kept for."""

import random
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from chalicelib.operations.registrations import Registered
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Refusal
from tests.live.ledger import race_report
from tests.live.ledger.scenario import NOW, assert_lawful, forget_full, fresh, holds_of, later, registered, resized
from tests.live.waitlist.invariants import assert_settled
from tests.live.waitlist.load import Report, at_once, aws_conflicts
from tests.live.waitlist.scenario import advanced, confirmed, counted_line, full_session, gone, joined, listed, ordered, set_rules, statuses

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due"}
BUYERS, PASSES, JOINING = 32, 8, 64
ROUNDS = 2


def outcome_of(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except Refusal as refusal:
        if isinstance(refusal, SessionFull):
            return refusal
        raise


def buyer(session: str) -> Any:
    key = fresh("buyer")
    forget_full(session)
    return outcome_of(lambda: registered(session, f"{key}@example.org", key=key))


def is_clean(report: Report, name: str, more: str = "") -> Report:
    assert report.unexpected == []
    assert report.slowest < 10
    race_report.say(f"{name}: {len(report.outcomes)} at once, the slowest {report.slowest:.1f} s, {report.busy} busy{more}")
    return report


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("sizes", [(1, 1), (1, 3, 3)])
def test_a_freed_spot_goes_to_the_waiting_entry_despite_buyers_and_passes(sizes: tuple[int, ...]) -> None:
    slowest = busy = 0.0
    for _ in range(ROUNDS):
        session = full_session(*sizes)
        first, second = joined(session), joined(session, now=later(seconds=1))
        actions: list[Callable[[], Any]] = [partial(buyer, session) for _ in range(BUYERS)]
        actions += [partial(advanced, session) for _ in range(PASSES)]
        random.Random(session).shuffle(actions)
        actions.insert(BUYERS // 2, partial(gone, session))
        report = at_once(actions)
        advanced(session)
        assert report.unexpected == []
        assert statuses(first, second) == ["offered", "waiting"]
        assert not [answer for answer in report.outcomes if isinstance(answer, Registered)]
        assert_settled(session)
        slowest, busy = max(slowest, report.slowest), busy + report.busy
    assert slowest < 10
    race_report.say(
        f"waitlist: a spot freed {ROUNDS} times before {BUYERS} buyers and {PASSES} passes: kept; slowest {slowest:.1f} s, {busy:.0f} busy"
    )


@pytest.mark.parametrize("latest", [2, 10])
def test_sixty_four_concurrent_joins_under_aws_conflicts(latest: int) -> None:
    session = full_session(10, 2)
    sizes = [1 + index % latest for index in range(JOINING)]
    actions = [partial(joined, session, size, key=fresh("key"), now=later(seconds=index)) for index, size in enumerate(sizes)]
    with aws_conflicts() as rule:
        report = is_clean(at_once(actions), "waitlist: joining", f", {rule.refused} conflicts")
    assert {entry.id for entry in listed(session)} == {entry.id for entry in report.outcomes}
    assert [entry.spots for entry in ordered(session)] == sizes
    assert counted_line(session) == (JOINING, {size: sizes.count(size) for size in set(sizes)})
    assert rule.refused


def test_overlapping_passes_offer_everything_once_under_aws_conflicts() -> None:
    session = full_session(*[1] * 40)
    waiting = [joined(session, now=later(seconds=index)) for index in range(30)]
    for index in range(20):
        gone(session, index)
    with aws_conflicts() as rule:
        report = is_clean(at_once([partial(advanced, session)] * PASSES), "waitlist: 8 passes over 20 spots", f", {rule.refused} conflicts")
    assert sum(report.outcomes) >= 20 or report.busy
    assert statuses(*waiting) == ["offered"] * 20 + ["waiting"] * 10
    assert len(holds_of(session)) == 40
    assert_settled(session)


def test_confirming_races_with_offers_and_buyers_under_aws_conflicts() -> None:
    session = full_session(*[1] * 20)
    strangers = [joined(session, 1 + index % 3, confirmed=False, now=later(seconds=index)) for index in range(16)]
    for index in range(12):
        gone(session, index)
    actions: list[Callable[[], Any]] = [partial(confirmed, entry) for entry in strangers]
    actions += [partial(advanced, session) for _ in range(PASSES)]
    actions += [partial(buyer, session) for _ in range(PASSES)]
    random.Random(session).shuffle(actions)
    with aws_conflicts() as rule:
        report = is_clean(at_once(actions), "waitlist: 16 addresses confirmed among passes and buyers", f", {rule.refused} conflicts")
    for entry in strangers:
        confirmed(entry)
    advanced(session)
    assert_settled(session)
    assert not [answer for answer in report.outcomes if isinstance(answer, Registered)]
    assert not any(entry.unconfirmed for entry in listed(session))


@pytest.mark.usefixtures("small_chunks")
def test_offers_while_the_session_changes_its_size() -> None:
    for _ in range(4):
        session = full_session(1, 1, 1, 1)
        for index in range(4):
            joined(session, 1 + index % 2, now=later(seconds=index))
        actions: list[Callable[[], Any]] = [partial(resized, session, spots) for spots in (6, 2, 7, 3, 8)]
        actions += [partial(advanced, session) for _ in range(PASSES)]
        actions += [partial(buyer, session) for _ in range(4)]
        actions += [partial(gone, session, index) for index in range(2)]
        report = at_once(actions)
        assert report.unexpected == []
        assert not [answer for answer in report.outcomes if isinstance(answer, Registered)]
        assert_lawful(session)
        resized(session, 8)
        advanced(session)
        assert_settled(session)
        assert statuses(*listed(session)) == ["offered"] * 4


@pytest.mark.parametrize(("mode", "party", "when"), [("strict", 1, later(days=60, hours=-1)), ("skip_to_fit", 31, NOW)])
def test_buyers_of_spots_not_kept_for_the_queue_do_not_conflict(mode: str, party: int, when: datetime) -> None:
    session = full_session(*[1] * 40)
    set_rules(mode=mode)
    waiting = joined(session, party)
    for index in range(30):
        gone(session, index)
    names = [fresh("buyer") for _ in range(BUYERS)]
    actions = [partial(outcome_of, partial(registered, session, f"{name}@example.org", key=name, now=when)) for name in names]
    report = is_clean(at_once(actions), "waitlist: buyers of spots that are not kept")
    assert len([answer for answer in report.outcomes if isinstance(answer, Registered)]) == 30
    assert report.busy == 0
    assert (advanced(session, now=when), statuses(waiting)) == (0, ["waiting"])
    assert_settled(session, now=when)
