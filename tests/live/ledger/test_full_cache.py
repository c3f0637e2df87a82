"""The cache of "full": it may refuse the public for at most a second, and never staff."""

import pytest

from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import ledger
from tests.live.ledger.network_faults import counted
from tests.live.ledger.scenario import NOW, ORG, invited, named, open_session, registered, resized, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


class Watch:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(ledger.full_cache, "time", made)
    return made


def full_session(spots: int = 2) -> str:
    session = open_session(spots)
    registered(session, party=spots)
    with pytest.raises(SessionFull):
        registered(session)
    return session


def freed_elsewhere(session: str) -> None:
    """Another process removes a registration, which does not clear our cache."""
    closed = dict(ledger.full_cache._full)
    (taken,) = [key for chunk in ledger.read(ORG, session) for key in chunk.holds]
    remove_registration(ORG, named(session, taken), by="staff", now=NOW)
    ledger.full_cache._full.update(closed)


def test_a_request_right_after_a_refusal_makes_no_ledger_request(watch: Watch) -> None:
    session = full_session()
    with counted() as counts, pytest.raises(SessionFull):
        registered(session)
    assert counts.total() <= 1


def test_a_spot_freed_elsewhere_is_found_within_a_second(watch: Watch) -> None:
    session = full_session()
    freed_elsewhere(session)
    watch.seconds += 0.9
    with pytest.raises(SessionFull):
        registered(session)
    watch.seconds += 0.2
    registered(session)


def test_a_refusal_by_the_cache_does_not_extend_it(watch: Watch) -> None:
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


def test_a_release_in_this_process_clears_the_cache(watch: Watch) -> None:
    session = open_session(1)
    invitation = invited(session).invitation
    with pytest.raises(SessionFull):
        registered(session)
    cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    registered(session)


def test_a_larger_session_clears_the_cache(watch: Watch) -> None:
    session = full_session()
    resized(session, 3)
    registered(session)


def test_staff_bypass_the_cache(watch: Watch) -> None:
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


def test_a_retry_of_a_successful_request_succeeds_on_a_full_session(watch: Watch) -> None:
    """A retry after a lost answer, during a rush."""
    session = open_session(1)
    first = registered(session, "ana@example.org", key="once").registration
    with pytest.raises(SessionFull):
        registered(session)
    assert registered(session, "ana@example.org", key="once").registration.id == first.id


def test_the_cache_is_per_session(watch: Watch) -> None:
    full_session()
    registered(open_session(1))
