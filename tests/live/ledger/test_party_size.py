"""Parties that grow and shrink, and transfers between sessions, during other claims."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.operations.registrations import change_registration, read_registration, remove_registration, transfer
from chalicelib.rules import ledger as rules
from chalicelib.rules.inputs.roster import RegistrationChanges
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.tables import ledger
from chalicelib.tables.ledger import party_size
from tests.live.ledger.network_faults import counted, meanwhile
from tests.live.ledger.scenario import (
    NOW,
    ORG,
    assert_lawful,
    chunks_of,
    fresh,
    holds_of,
    named,
    open_session,
    registered,
    resized,
    spots_of,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

THREADS = 16


def sized(registration: Registration, size: int, *, over: bool = False) -> Registration:
    changes = RegistrationChanges(party_size=size, confirm_over_capacity=over)
    return change_registration(ORG, named(registration.session, registration.id), changes, now=NOW)


def moved(registration: Registration, to: str, key: str = "") -> Registration:
    return transfer(ORG, named(registration.session, registration.id), to, by="staff", key=key or fresh("move"), now=NOW).registration


def test_a_party_grows_and_shrinks_by_its_spots() -> None:
    session = open_session(5)
    registration = registered(session, party=2).registration
    assert sized(registration, 5).party_size == 5
    with pytest.raises(SessionFull):
        sized(registration, 6)
    assert spots_of(session) == (5, 5, 0, 0, 0)
    sized(registration, 1)
    assert spots_of(session) == (5, 1, 0, 0, 4)
    assert_lawful(session)


def test_a_party_too_large_for_its_chunk_gets_spots_of_other_chunks(small_chunks: int) -> None:
    session = open_session(9)
    registration = registered(session, party=2).registration
    sized(registration, 8)
    assert spots_of(session).free == 1
    with pytest.raises(SessionFull):
        sized(registration, 10)
    assert_lawful(session)


def test_growing_on_a_full_session_adds_extras_and_shrinking_removes_them_last() -> None:
    session = open_session(3)
    registration = registered(session, party=3).registration
    sized(registration, 5, over=True)
    assert spots_of(session) == (3, 5, 0, 2, 0)
    sized(registration, 1)
    assert spots_of(session) == (3, 1, 0, 1, 3)
    assert_lawful(session)
    remove_registration(ORG, named(session, registration.id), by="staff", now=NOW)
    assert spots_of(session) == (3, 0, 0, 0, 3)


def test_parties_change_while_others_register_and_nothing_is_oversold(small_chunks: int) -> None:
    session = open_session(40)
    mine = [registered(session, party=1).registration for _ in range(8)]

    def stir(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            try:
                if chance.random() < 0.6:
                    sized(chance.choice(mine), chance.randint(1, 4))
                else:
                    registered(session, party=chance.randint(1, 2))
            except (SessionFull, Busy):
                continue

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(stir, range(THREADS)))
    assert_lawful(session)
    spots = spots_of(session)
    assert spots.taken + spots.free == 40
    for registration in mine:
        kept, hold = read_registration(ORG, named(session, registration.id))
        assert hold is not None
        assert kept.party_size in {1, 2, 3, 4}


def test_a_transfer_takes_and_releases_together() -> None:
    full, other = open_session(2), open_session(2)
    registration = registered(full, party=2).registration
    there = moved(registration, other, key="once")
    assert (spots_of(full).taken, spots_of(other).taken) == (0, 2)
    assert moved(registration, other, key="once") == there
    with pytest.raises(AlreadyRemoved):
        moved(registration, other)
    assert read_registration(ORG, named(other, there.id))[1] is not None


def test_of_two_transfers_at_once_the_other_is_told_so_at_each_request() -> None:
    here, there, elsewhere = open_session(20), open_session(20), open_session(20)
    first = registered(here).registration
    with counted() as requests:
        moved(first, elsewhere)
    for step in range(1, requests.total() + 1):
        registration = registered(here).registration
        with meanwhile("", lambda one=registration: moved(one, there), nth=step), pytest.raises(AlreadyRemoved):  # type: ignore[misc]
            moved(registration, elsewhere)
    assert (spots_of(here).taken, spots_of(elsewhere).taken, spots_of(there).taken) == (0, 1, step)


def test_a_transfer_to_a_full_session_changes_nothing() -> None:
    here, full = open_session(3), open_session(1)
    registration = registered(here, party=2).registration
    before = (chunks_of(here), chunks_of(full))
    with pytest.raises(SessionFull):
        moved(registration, full)
    assert (chunks_of(here), chunks_of(full)) == before
    assert read_registration(ORG, named(here, registration.id))[0].removed_at is None


def test_racing_transfers_removals_and_registrations_keep_each_party_once(small_chunks: int) -> None:
    sessions = [open_session(10), open_session(10)]
    people = [registered(session, party=2).registration for session in sessions for _ in range(4)]

    def stir(seed: int) -> tuple[int, int]:
        chance, came, went = random.Random(seed), 0, 0
        for _ in range(6):
            registration = chance.choice(people)
            try:
                if chance.random() < 0.7:
                    moved(registration, next(session for session in sessions if session != registration.session))
                elif chance.random() < 0.5:
                    registered(chance.choice(sessions), party=1)
                    came += 1
            except Refusal:
                continue
        return came, went

    with ThreadPoolExecutor(THREADS) as pool:
        came = sum(new for new, _ in pool.map(stir, range(THREADS)))
    for session in sessions:
        assert_lawful(session)
    held = sum(hold.spots for session in sessions for hold in holds_of(session).values())
    assert held == 2 * len(people) + came
    assert all(spots_of(session).taken <= 10 for session in sessions)


def loosened(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hold of another size is taken for the one that was read."""
    monkeypatch.setattr(party_size, "AS_SEEN", "(h.#id = :seen OR attribute_exists(h.#id))")


def without_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A party grows even without free spots."""
    monkeypatch.setattr(party_size, "ENOUGH_SPOTS", "attribute_exists(pk)")


def released_anyhow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transfer takes the new spots and keeps the old ones."""
    real = ledger.release_write
    monkeypatch.setattr(ledger, "release_write", lambda *args, **more: _harmless(real(*args, **more)))


def _harmless(write: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    return {
        "ConditionCheck": {name: write["Update"][name] for name in ("TableName", "Key")} | {"ConditionExpression": "attribute_exists(pk)"}
    }


def grown_twice() -> None:
    """Two requests change the same party at once, both after reading it: the count must match the final hold. Then many do."""
    session = open_session(50)
    registration = registered(session, party=1).registration
    with meanwhile("UpdateItem", lambda: sized(registration, 4)):
        _quietly(lambda: sized(registration, 2))
    assert_lawful(session)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda size: _quietly(lambda: sized(registration, size)), [2, 5, 3, 6, 2, 7, 4, 1] * 3))
    assert_lawful(session)


def grown_beyond() -> None:
    session = open_session(2)
    registration = registered(session, party=1).registration
    registered(session, party=1)
    _quietly(lambda: sized(registration, 3))
    assert rules.count(chunks_of(session), NOW).taken <= 2


def moved_away() -> None:
    here, there = open_session(2), open_session(2)
    moved(registered(here, party=2).registration, there)
    assert (spots_of(here).taken, spots_of(there).taken) == (0, 2)


def _quietly(do: Callable[[], object]) -> None:
    try:
        do()
    except Refusal:
        return


@pytest.mark.parametrize(("fault", "check"), [(loosened, grown_twice), (without_enough, grown_beyond), (released_anyhow, moved_away)])
def test_a_planted_fault_is_noticed(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None], check: Callable[[], None]
) -> None:
    check()
    with monkeypatch.context() as planted:
        fault(planted)
        with pytest.raises(AssertionError):
            check()


def test_a_smaller_session_pays_its_debt_before_a_party_grows(small_chunks: int) -> None:
    session = open_session(6)
    first = registered(session, party=3).registration
    second = registered(session, party=3).registration
    resized(session, 4)
    with pytest.raises(SessionFull):
        sized(first, 4)
    sized(second, 1)
    with pytest.raises(SessionFull):
        sized(first, 4)
    remove_registration(ORG, named(session, second.id), by="staff", now=NOW)
    assert sized(first, 4).party_size == 4
    assert_lawful(session)
