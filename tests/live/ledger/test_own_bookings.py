"""Families cancel, shrink and move at the same moment as others act: each spot becomes free once, and each request acts once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from threading import Barrier
from typing import Any

import pytest

from chalicelib.operations import waitlist
from chalicelib.operations.bookings import cancel, change
from chalicelib.operations.registrations import read_registration, remove_registration
from chalicelib.rules.bookings import BookingEnded
from chalicelib.rules.inputs.roster import BookingChanges
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, ledger, organisations, registrations
from chalicelib.tables.ledger import claims, holds, party_size, waitlist_count
from chalicelib.tables.registrations import updates
from tests.live.ledger.fault_injection import Control, Patch, check_noticed, dropped
from tests.live.ledger.scenario import NOW, ORG, assert_lawful, fresh, named, open_session, registered, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
cancel_module = import_module("chalicelib.operations.bookings.cancel")


def booked(session: str, party: int = 2) -> Registration:
    registration = registered(session, party=party, names=("Kim",)).registration
    if organisations.get(ORG).cancel_until_hours is None:
        organisations.save(replace(organisations.get(ORG), cancel_until_hours=24))
    return registration


def cancelled(registration: Registration, key: str = "") -> int:
    return cancel(ORG, registration.public_id, key=key or fresh("cancel"), now=NOW)


def shrunk(registration: Registration, size: int) -> Registration:
    return change(ORG, registration.public_id, BookingChanges(party_size=size), key=fresh("shrink"), now=NOW)


def row(registration: Registration) -> Registration:
    return registrations.get(ORG, registration.session, registration.id)


def between(patch: Patch, module: Any, name: str, meanwhile: Callable[[], object]) -> None:
    """Have something happen after the first read of a request and before its write."""
    real, waiting = getattr(module, name), [meanwhile]

    def delayed(*arguments: Any, **more: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*arguments, **more)

    patch.setattr(module, name, delayed)


def two_families_cancel_at_once() -> None:
    """Both have read before either writes."""
    session = open_session(3)
    registration, both = booked(session), Barrier(8)
    real = ledger.release_write

    def together(*arguments: Any, **more: Any) -> Any:
        if both.n_waiting < 8 and not both.broken:
            both.wait(20)
        return real(*arguments, **more)

    def tried(_number: int) -> int:
        try:
            return cancelled(registration)
        except (BookingEnded, Busy):
            return 0

    with Patch.context() as patch, ThreadPoolExecutor(8) as pool:
        patch.setattr(ledger, "release_write", together)
        freed = sorted(pool.map(tried, range(8)))
    assert freed == [0] * 7 + [2]
    assert (spots_of(session).free, len(row(registration).own_changes)) == (3, 1)
    assert_lawful(session)


def staff_remove_meanwhile() -> None:
    """Staff have ended the row, and its spots are not free yet."""
    session = open_session(3)
    registration = booked(session)
    with Patch.context() as patch:
        between(patch, ledger, "release_write", lambda: registrations.remove(row(registration), by="staff", now=NOW))
        with pytest.raises(BookingEnded):
            cancelled(registration)
    assert (row(registration).removed_by, row(registration).own_changes) == ("staff", ())
    remove_registration(ORG, registration.public_id, by="staff", now=NOW)
    assert spots_of(session).free == 3
    assert_lawful(session)


def the_party_shrinks_while_it_is_cancelled() -> None:
    """The ledger has the smaller party, and the row not yet."""
    session = open_session(3)
    registration = booked(session)

    def shrink() -> None:
        located = ledger.locate_hold(registration)
        assert located
        ledger.resize(ORG, session, registration.hold, located.hold, 1, chunk=located.chunk, allow_extra=False, now=NOW)

    with Patch.context() as patch:
        between(patch, ledger, "release_write", shrink)
        assert cancelled(registration) == 1
    assert spots_of(session).free == 3
    assert_lawful(session)


def the_party_shrinks_twice() -> None:
    """The later request, for more spots, must not take any back."""
    session = open_session(3)
    registration = booked(session, party=3)
    with Patch.context() as patch:
        between(patch, ledger, "resize", lambda: shrunk(registration, 1))
        assert shrunk(registration, 2).party_size == 1
    kept, hold = read_registration(ORG, named(session, registration.id))
    assert hold is not None
    assert (kept.party_size, hold.spots, spots_of(session).free) == (1, 1, 2)
    assert_lawful(session)


def the_reply_is_lost() -> None:
    session = open_session(3)
    registration, real = booked(session), dynamodb.transact

    def lost(writes: Any) -> None:
        real(writes)
        raise dynamodb.TransactionFailed([None])

    with Patch.context() as patch:
        patch.setattr(dynamodb, "transact", lost)
        assert cancelled(registration, "once") == 2
    assert cancelled(registration, "once") == 2
    assert (spots_of(session).free, len(row(registration).own_changes)) == (3, 1)


def the_waitlist_comes_first() -> None:
    """Others book at the very moment when a family's spots become free, for which a party waits."""
    session = open_session(2)
    registration = booked(session)
    join = JoinInput(email=f"{fresh('waiting')}@example.org", name="Cleo", spots=2)
    waitlist.join(ORG, session, join, locale="en", key=fresh("join"), now=NOW)

    def stir(number: int) -> int:
        try:
            return 0 if number == 0 and cancelled(registration) else registered(session).registration.party_size
        except (SessionFull, Busy):
            return 0

    with ThreadPoolExecutor(6) as pool:
        got_in = sum(pool.map(stir, range(6)))
    with suppress(SessionFull):
        got_in += registered(session).registration.party_size
    assert (got_in, spots_of(session).free) == (0, 2)
    assert_lawful(session)


def nobody_waits(patch: Patch) -> None:
    patch.setattr(waitlist_count, "is_reserved", lambda *_: False)
    patch.setattr(claims, "is_reserved", lambda *_: False)
    patch.setattr(claims, "queue_is_empty", lambda: None)


def loosened_size(patch: Patch) -> None:
    patch.setattr(party_size, "AS_SEEN", "(h.#id = :seen OR attribute_exists(h.#id))")


def forgets_requests(patch: Patch) -> None:
    patch.setattr(cancel_module, "family_change_of", lambda *_: None)


def without_any_guard(patch: Patch) -> None:
    """Neither the row nor the hold is looked at."""
    dropped(updates, "NOT_REMOVED")(patch)
    dropped(updates, "_own_changes_as_read")(patch)
    dropped(holds, "AS_SEEN")(patch)
    patch.setattr(updates, "guard_deletions", lambda *_: [])


CONTROLS = {
    "no guard": Control(without_any_guard, two_families_cancel_at_once),
    "row not looked at": Control(dropped(updates, "NOT_REMOVED"), staff_remove_meanwhile),
    "hold not looked at": Control(dropped(holds, "AS_SEEN"), the_party_shrinks_while_it_is_cancelled),
    "size not looked at": Control(loosened_size, the_party_shrinks_twice),
    "waitlist not looked at": Control(nobody_waits, the_waitlist_comes_first),
    "requests forgotten": Control(forgets_requests, the_reply_is_lost),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_race_ends_well_and_a_planted_fault_is_noticed(name: str) -> None:
    check_noticed(name, CONTROLS[name])


def test_cancellations_and_bookings_never_oversell(small_chunks: int) -> None:
    session = open_session(12)
    people = [booked(session) for _ in range(6)]

    def stir(number: int) -> int:
        try:
            return -cancelled(people[number]) if number < len(people) else registered(session, party=2).registration.party_size
        except (SessionFull, Busy, Refusal):
            return 0

    with ThreadPoolExecutor(12) as pool:
        net = sum(pool.map(stir, range(12)))
    assert_lawful(session)
    spots = spots_of(session)
    assert (spots.taken, spots.taken + spots.free) == (12 + net, 12)
