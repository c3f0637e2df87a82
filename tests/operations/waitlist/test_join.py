"""Joining a waitlist, and what an entry may ask for."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations import links, waitlist
from chalicelib.rules.waitlist import (
    AlreadyWaiting,
    MoreThanCapacity,
    SpotsAreFree,
    WaitlistClosed,
)
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.waitlist.test_advance import HOUR, OpenSession, entry, full, joined, line, registered

__all__ = ["full"]


def test_joining_sends_the_place_and_a_link_to_leave(full: object, streams: Streams, ses: Ses, now: datetime) -> None:
    joined("cleo@example.org", now=now)
    entry = joined("dan@example.org", spots=2, now=now + HOUR)
    streams.drain(now)
    text = ses.texts[ses.recipients.index("dan@example.org")]
    assert text.splitlines()[0] == links.mailed_waitlist_link(entry)
    assert "You wait for 2 spots." in text
    assert "You are number 2 in line." in text


def test_spots_that_are_free_are_not_waited_for(open_session: OpenSession, now: datetime) -> None:
    open_session(spots_total=2)
    registered("ana@example.org", now=now)
    with pytest.raises(SpotsAreFree) as refused:
        joined("cleo@example.org", now=now)
    assert refused.value.free == 1
    assert joined("cleo@example.org", spots=2, now=now).status == "waiting"


def test_an_address_waits_once_and_may_join_again_after_leaving(full: object, now: datetime) -> None:
    first = joined("cleo@example.org", now=now)
    with pytest.raises(AlreadyWaiting):
        joined("Cleo@Example.org", key="again", now=now)
    assert joined("cleo@example.org", now=now) == first
    assert line() == {1: 1}
    waitlist.leave(links.waitlist_token(first), now=now)
    assert (entry(first).status, line()) == ("left", {})
    assert joined("cleo@example.org", key="again", now=now).id != first.id


def test_an_impossible_wait_is_refused(full: object, now: datetime) -> None:
    with pytest.raises(MoreThanCapacity):
        joined("cleo@example.org", spots=3, now=now)
    with pytest.raises(WaitlistClosed):
        joined("cleo@example.org", now=now.replace(hour=15) + timedelta(days=1) - HOUR)
