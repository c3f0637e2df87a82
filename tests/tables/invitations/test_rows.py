"""The stored form of invitations stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.invitations import Claimant, Invitation
from chalicelib.rules.money import Money
from chalicelib.tables.invitations.rows import invitation_from, invitation_item
from chalicelib.tables.items import Item, item, plain

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = "2026-11-22T12:00:00Z"

NEW = Invitation(
    org="demo",
    session="s1",
    id="i1",
    email="ana@example.org",
    party_size=2,
    expires_at=NOW,
    forwarding="open",
    nonce="n1",
    created_at=NOW,
    invited_by="owner",
)
NEW_ROW = {
    "pk": "demo#s1",
    "sk": "2#INVITATION#i1",
    "email": "ana@example.org",
    "party_size": 2,
    "expires_at": "2026-11-22T12:00:00Z",
    "forwarding": "open",
    "nonce": "n1",
    "created_at": "2026-11-22T12:00:00Z",
    "invited_by": "owner",
    "extra": 0,
    "chunk": 0,
    "link_version": 1,
    "sends": 1,
    "sent_at": [],
    "mail": "queued",
    "remind": "#invitations#0",
    "remind_at": "2026-11-22T12:00:00Z",
    "booker": "demo#ana@example.org#invited",
    "due": "demo",
    "due_at": "2026-11-22T12:00:00Z#s1#i1",
}
FULL = replace(
    NEW,
    tier="t1",
    price=Money(1250, "EUR"),
    discount=Reduction("EARLY", "percent", 10, "someone"),
    sibling=SiblingDiscount(2, 15),
    discount_returned=True,
    extra=1,
    note="Welcome",
    entry="e1",
    chunk=3,
    link_version=2,
    sends=4,
    sent_at=(NOW, NOW),
    claimant=Claimant("ben@example.org", "Ben", ("Max",), "", {"q1": "S", "q2": True}, "fr", NOW),
    revived_at=NOW,
    mail="suppressed",
    remind_at=NOW - timedelta(hours=1),
    remind_since=NOW - timedelta(hours=9),
)
FULL_ROW = {
    "pk": "demo#s1",
    "sk": "2#INVITATION#i1",
    "email": "ana@example.org",
    "party_size": 2,
    "expires_at": "2026-11-22T12:00:00Z",
    "forwarding": "open",
    "nonce": "n1",
    "created_at": "2026-11-22T12:00:00Z",
    "invited_by": "owner",
    "tier": "t1",
    "price": {"amount": 1250, "currency": "EUR"},
    "discount": {"code": "EARLY", "kind": "percent", "value": 10, "by": "someone"},
    "sibling": {"from_nth": 2, "percent": 15},
    "discount_returned": True,
    "extra": 1,
    "note": "Welcome",
    "entry": "e1",
    "chunk": 3,
    "link_version": 2,
    "sends": 4,
    "sent_at": ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"],
    "claimant": {
        "email": "ben@example.org",
        "name": "Ben",
        "participants": ["Max"],
        "tier": "",
        "answers": {"q1": "S", "q2": True},
        "locale": "fr",
        "asked_at": "2026-11-22T12:00:00Z",
    },
    "revived_at": "2026-11-22T12:00:00Z",
    "mail": "suppressed",
    "remind_at": "2026-11-22T11:00:00Z",
    "remind_since": "2026-11-22T03:00:00Z",
    "remind": "#invitations#0",
    "booker": "demo#ana@example.org#invited",
    "due": "demo",
    "due_at": "2026-11-22T12:00:00Z#s1#i1",
}
ENDED = replace(FULL, claimant=None, remind_at=None, remind_since=None, ended="declined", ended_at=NOW, ended_by="ana@example.org")
ENDED_ROW = {
    "pk": "demo#s1",
    "sk": "2#INVITATION#i1",
    "email": "ana@example.org",
    "party_size": 2,
    "expires_at": "2026-11-22T12:00:00Z",
    "forwarding": "open",
    "nonce": "n1",
    "created_at": "2026-11-22T12:00:00Z",
    "invited_by": "owner",
    "tier": "t1",
    "price": {"amount": 1250, "currency": "EUR"},
    "discount": {"code": "EARLY", "kind": "percent", "value": 10, "by": "someone"},
    "sibling": {"from_nth": 2, "percent": 15},
    "discount_returned": True,
    "extra": 1,
    "note": "Welcome",
    "entry": "e1",
    "chunk": 3,
    "link_version": 2,
    "sends": 4,
    "sent_at": ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"],
    "ended": "declined",
    "ended_at": "2026-11-22T12:00:00Z",
    "ended_by": "ana@example.org",
    "revived_at": "2026-11-22T12:00:00Z",
    "mail": "suppressed",
    "booker": "demo#ana@example.org#invited",
}
ACCEPTED = replace(NEW, registration="r1", accepted_by="ana@example.org")
ACCEPTED_ROW = {
    "pk": "demo#s1",
    "sk": "2#INVITATION#i1",
    "email": "ana@example.org",
    "party_size": 2,
    "expires_at": "2026-11-22T12:00:00Z",
    "forwarding": "open",
    "nonce": "n1",
    "created_at": "2026-11-22T12:00:00Z",
    "invited_by": "owner",
    "extra": 0,
    "chunk": 0,
    "link_version": 1,
    "sends": 1,
    "sent_at": [],
    "registration": "r1",
    "accepted_by": "ana@example.org",
    "mail": "queued",
    "booker": "demo#ana@example.org#invited",
}
ERASED = replace(ACCEPTED, email="", invited_by="")
ERASED_ROW = {
    "pk": "demo#s1",
    "sk": "2#INVITATION#i1",
    "party_size": 2,
    "expires_at": "2026-11-22T12:00:00Z",
    "forwarding": "open",
    "nonce": "n1",
    "created_at": "2026-11-22T12:00:00Z",
    "extra": 0,
    "chunk": 0,
    "link_version": 1,
    "sends": 1,
    "sent_at": [],
    "registration": "r1",
    "accepted_by": "ana@example.org",
    "mail": "queued",
    "booker": "demo##invited",
}
ADDED_LATER = {"extra", "chunk", "link_version", "sends", "sent_at", "mail"}


@pytest.mark.parametrize(
    ("invitation", "row"),
    [(NEW, NEW_ROW), (FULL, FULL_ROW), (ENDED, ENDED_ROW), (ACCEPTED, ACCEPTED_ROW), (ERASED, ERASED_ROW)],
    ids=["new", "full", "ended", "accepted", "erased"],
)
def test_an_invitation_is_stored_as_it_always_was(invitation: Invitation, row: Item) -> None:
    assert invitation_item(invitation) == item(row)
    assert invitation_from(item(row)) == invitation


@pytest.mark.parametrize("over", [{"ended": "expired", "ended_at": NOW}, {"registration": "r1"}], ids=["ended", "accepted"])
def test_an_invitation_that_is_over_waits_for_no_reminder(over: dict[str, Any]) -> None:
    stored = plain(invitation_item(replace(NEW, remind_at=NOW, **over)))
    assert not {"due", "due_at", "remind", "remind_at"} & set(stored)


def test_a_row_without_attributes_that_were_added_later_is_read() -> None:
    assert invitation_from(item({name: value for name, value in NEW_ROW.items() if name not in ADDED_LATER})) == NEW
    reduced = {**FULL_ROW, "discount": {"code": "EARLY", "kind": "percent", "value": 10}}
    assert invitation_from(item(reduced)).discount == Reduction("EARLY", "percent", 10)
