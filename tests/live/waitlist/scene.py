"""A session with a line before it: what people do there, and the stream that lets the handlers follow."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore import endpoint

from chalicelib import clients
from chalicelib.events import rosters as handlers
from chalicelib.events.records import Change
from chalicelib.operations import waitlist
from chalicelib.operations.waitlist import Offered
from chalicelib.rules.drafts.waitlist import Joining
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold
from chalicelib.rules.organisations import Waitlist
from chalicelib.rules.waitlist import Entry, in_order
from chalicelib.settings import settings
from chalicelib.tables import invitations, ledger, organisations, registrations
from chalicelib.tables import waitlist as entries
from infra.local.stream_records import as_lambda_sends
from tests.live.ledger.scene import NOW, ORG, fresh, named, open_session


def joined(session: str, spots: int = 1, *, email: str = "", key: str = "", now: datetime = NOW) -> Entry:
    draft = Joining(email=email or f"{fresh('waiter')}@example.org", name="Cleo", spots=spots)
    return waitlist.join(ORG, session, draft, locale="en", key=key or fresh("key"), now=now).entry


def offered_by_hand(entry: Entry, *, now: datetime = NOW) -> Offered:
    return waitlist.offer_by_hand(ORG, named(entry.session, entry.id), by="owner", now=now)


def set_rules(**wanted: Any) -> None:
    organisation = organisations.get(ORG)
    organisations.save(replace(organisation, waitlist=Waitlist(**wanted)))


def attended(session: str, *, now: datetime = NOW) -> int:
    return waitlist.attend(ORG, session, now=now)


def listed(session: str) -> list[Entry]:
    return entries.list_entries(ORG, session)


def ordered(session: str) -> list[Entry]:
    return in_order(listed(session))


def entry_of(entry: Entry) -> Entry:
    return entries.get(ORG, entry.session, entry.id)


def counted_line(session: str) -> tuple[int, dict[int, int]]:
    """Return the counts of the line on the first chunk: of all, and of each size."""
    first = ledger.read(ORG, session)[0]
    return first.waits, dict(first.waiting)


PAGE = 1000


def full_session(*sizes: int) -> str:
    """Open a session of just so many spots as these parties take; the first is called `before0`."""
    session = open_session(sum(sizes))
    for place, size in enumerate(sizes):
        ledger.claim_patiently(ORG, session, f"before{place}", Hold(n=size, s="C", v="before"), now=NOW)
    return session


def gone(session: str, place: int = 0) -> None:
    """Let one of the parties that were there before go."""
    found = ledger.locate(ORG, session, f"before{place}", chunk=0)
    if found:
        ledger.release(ORG, session, f"before{place}", found[1], chunk=found[0])


def offer_of(entry: Entry) -> Invitation:
    now_it_is = entry_of(entry)
    assert now_it_is.status == "offered", now_it_is
    return invitations.get(ORG, entry.session, now_it_is.invitation)


def statuses(*waiting: Entry) -> list[str]:
    return [entry_of(entry).status for entry in waiting]


class Stream:
    """The Rosters stream of a stage, from its beginning."""

    def __init__(self) -> None:
        self._client = boto3.client("dynamodbstreams", endpoint_url=clients.dynamodb().meta.endpoint_url)
        self._arn = clients.dynamodb().describe_table(TableName=settings().rosters_table)["Table"]["LatestStreamArn"]
        self._shard, self._place = "", ""

    def read(self) -> list[Change]:
        """Return what was written since it was last read; something must have been, before the first time."""
        found: list[Change] = []
        if not self._place:
            self._open(after="")
        while True:
            page: Any = self._client.get_records(ShardIterator=self._place, Limit=PAGE)
            found += [_change(as_lambda_sends(record, self._arn)) for record in page["Records"]]
            if not page.get("NextShardIterator"):
                self._open(after=self._shard)
                continue
            self._place = page["NextShardIterator"]
            if len(page["Records"]) < PAGE:
                return found

    def _open(self, *, after: str) -> None:
        shards = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        self._shard = next(shard["ShardId"] for shard in shards if shard.get("ParentShardId", "") == after)
        place = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=self._shard, ShardIteratorType="TRIM_HORIZON")
        self._place = place["ShardIterator"]


def followed(stream: Stream, session: str, *, now: datetime = NOW) -> None:
    """Let the handlers follow everything that was written on a session, and what follows from that."""
    while changes := [change for change in stream.read() if change.new and change.new["pk"]["S"].endswith(f"#{session}")]:
        for change in changes:
            handlers.follow(change, now=now)


def _change(record: dict[str, Any]) -> Change:
    images = record["dynamodb"]
    return Change(images.get("OldImage"), images.get("NewImage"))


class Silence:
    """Does nothing, whatever is asked of it."""

    def __getattr__(self, _: str) -> Any:
        return _nothing


def quiet(patch: pytest.MonkeyPatch) -> None:
    """Let the stream's handler note and attend, without letters and bells: those have tests of their own."""
    for name in ("messages", "notifications", "telemetry"):
        patch.setattr(handlers, name, Silence())
    patch.setattr(handlers, "FOLLOWS", {"gone": _nothing, "held": _nothing, "confirmed": noted})


def without_pauses(patch: pytest.MonkeyPatch) -> None:
    """Let botocore ask again at once when a reply is lost."""
    patch.setattr(endpoint, "time", Silence())


def _nothing(*_: Any, **__: Any) -> None:
    pass


def noted(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    if hold_id.startswith("before"):
        return  # Planted without a row.
    registration = registrations.mark_confirmed(org, session, hold.r or hold_id, now=now)
    if registration and registration.invitation and registration.holds(hold):
        invitations.mark_accepted(org, session, hold_id, nonce=hold.v, registration=registration.id, by=registration.email)
