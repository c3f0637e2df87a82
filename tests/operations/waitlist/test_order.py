"""Which entry of a waitlist is next: in strict order, or the first one that fits."""

from datetime import datetime

import pytest

from chalicelib.operations import waitlist
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refs import public_id
from chalicelib.rules.registrations import Registration
from chalicelib.rules.waitlist import (
    EntryEnded,
)
from tests.operations.simulated_aws import Streams
from tests.operations.waitlist.test_advance import HOUR, entry, full, joined, registered, removed, set_waitlist

__all__ = ["full"]


def test_in_strict_order_spots_wait_for_the_first(full: list[Registration], streams: Streams, now: datetime) -> None:
    first, second = joined("cleo@example.org", spots=2, now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    streams.drain(now)
    assert [entry(one).status for one in (first, second)] == ["waiting", "waiting"]
    with pytest.raises(SessionFull):
        registered("eve@example.org", now=now)
    view = waitlist.read_waitlist("demo", "s1", now=now)
    assert [why.reason for why in waitlist.explain(view, now=now)] == ["party_too_large", "behind_the_first"]
    removed(full[1], now)
    streams.drain(now)
    assert [entry(one).status for one in (first, second)] == ["offered", "waiting"]


def test_skip_to_fit_passes_a_party_that_is_too_large(full: list[Registration], streams: Streams, now: datetime) -> None:
    set_waitlist(mode="skip_to_fit")
    first, second = joined("cleo@example.org", spots=2, now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    streams.drain(now)
    assert [entry(one).status for one in (first, second)] == ["waiting", "offered"]


def test_in_skip_to_fit_the_public_gets_what_fits_nobody(full: list[Registration], streams: Streams, now: datetime) -> None:
    set_waitlist(mode="skip_to_fit")
    joined("cleo@example.org", spots=2, now=now)
    removed(full[0], now)
    assert registered("eve@example.org", now=now).party_size == 1
    removed(full[1], now)
    streams.drain(now)


def test_moving_and_removing(full: list[Registration], streams: Streams, now: datetime) -> None:
    three = [joined(f"{name}@example.org", now=now + place * HOUR) for place, name in enumerate(("cleo", "dan", "eve"))]
    waitlist.move_entry("demo", public_id("s1", three[2].id), 1)
    waitlist.move_entry("demo", public_id("s1", three[0].id), 2)
    order = [place.entry.id for place in waitlist.read_waitlist("demo", "s1", now=now).places]
    assert order == [three[2].id, three[0].id, three[1].id]
    waitlist.remove_entry("demo", public_id("s1", three[2].id), by="owner", now=now)
    waitlist.remove_entry("demo", public_id("s1", three[2].id), by="owner", now=now)
    removed(full[0], now)
    streams.drain(now)
    assert [entry(one).status for one in three] == ["offered", "waiting", "removed"]
    waitlist.remove_entry("demo", public_id("s1", three[0].id), by="owner", now=now)
    streams.drain(now)
    assert [entry(one).status for one in three] == ["removed", "offered", "removed"]
    with pytest.raises(EntryEnded):
        waitlist.move_entry("demo", public_id("s1", three[0].id), 1)
