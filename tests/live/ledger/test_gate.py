"""The memory of "full": it may turn the public away for a second, and nobody else, and never for longer."""

import pytest

from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import ledger
from tests.live.ledger.scene import NOW, ORG, invited, named, open_session, registered, resized, spots_of
from tests.live.ledger.wire import counted

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


class Watch:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(ledger.gate, "time", made)
    return made


def full_session(spots: int = 2) -> str:
    session = open_session(spots)
    registered(session, party=spots)
    with pytest.raises(SessionFull):
        registered(session)
    return session


def freed_elsewhere(session: str) -> None:
    """Another process removes somebody: our memory does not hear of it."""
    closed = dict(ledger.gate._full)
    (taken,) = [key for chunk in ledger.read(ORG, session) for key in chunk.holds]
    remove_registration(ORG, named(session, taken), by="staff", now=NOW)
    ledger.gate._full.update(closed)


def test_who_comes_right_after_a_refusal_costs_nothing(watch: Watch) -> None:
    session = full_session()
    with counted() as counts, pytest.raises(SessionFull):
        registered(session)
    assert counts.total() <= 1


def test_a_spot_that_was_freed_elsewhere_is_found_within_a_second(watch: Watch) -> None:
    session = full_session()
    freed_elsewhere(session)
    watch.seconds += 0.9
    with pytest.raises(SessionFull):
        registered(session)
    watch.seconds += 0.2
    registered(session)


def test_being_turned_away_does_not_make_the_memory_last_longer(watch: Watch) -> None:
    session = full_session()
    freed_elsewhere(session)
    for _ in range(4):
        watch.seconds += 0.3
        try:
            registered(session)
        except SessionFull:
            continue
        break
    else:
        pytest.fail("turned away for more than a second")


def test_a_release_of_our_own_opens_at_once(watch: Watch) -> None:
    session = open_session(1)
    invitation = invited(session).invitation
    with pytest.raises(SessionFull):
        registered(session)
    cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    registered(session)


def test_so_does_a_larger_session(watch: Watch) -> None:
    session = full_session()
    resized(session, 3)
    registered(session)


def test_staff_never_meet_it(watch: Watch) -> None:
    session = full_session()
    freed_elsewhere(session)
    invited(session)
    assert spots_of(session).held == 1


def test_a_smaller_party_passes(watch: Watch) -> None:
    session = open_session(2)
    registered(session)
    with pytest.raises(SessionFull):
        registered(session, party=2)
    registered(session)


def test_who_has_a_spot_already_is_told_so_although_it_is_full_now(watch: Watch) -> None:
    """A retry after a lost answer, in a rush."""
    session = open_session(1)
    first = registered(session, "ana@example.org", key="once").registration
    with pytest.raises(SessionFull):
        registered(session)
    assert registered(session, "ana@example.org", key="once").registration.id == first.id


def test_another_session_is_not_meant(watch: Watch) -> None:
    full_session()
    registered(open_session(1))
