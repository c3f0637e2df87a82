"""Who asks again, since no reply came, is told what was done."""

from typing import Any

import pytest

from chalicelib.rules.refusals import Refusal
from tests.live.ledger.wire import counted, reply_lost
from tests.live.waitlist.scene import (
    attended,
    entry_of,
    full_session,
    gone,
    joined,
    offer_of,
    offered_by_hand,
    without_pauses,
)
from tests.live.waitlist.test_precautions import answer

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


def test_an_offer_by_hand_whose_reply_is_lost_is_told_all_the_same() -> None:
    entry = prepared_offer()
    with counted() as counts:
        offered_by_hand(entry)
    entry = prepared_offer()
    with reply_lost(counts.total(), times=3):
        made = answer(lambda: offered_by_hand(entry))
    assert not isinstance(made, Refusal), made
    assert made.invitation == offer_of(entry)


def prepared_offer() -> Any:
    session = full_session(1)
    entry = joined(session)
    gone(session)
    return entry


def test_joining_again_under_the_same_key_is_the_same_entry_though_spots_are_free_by_now() -> None:
    session = full_session(1, 1)
    first = joined(session, key="one", email="cleo@example.org")
    gone(session)
    gone(session, 1)
    attended(session)
    again = answer(lambda: joined(session, key="one", email="cleo@example.org"))
    assert again == entry_of(first)
