"""Short functions for tests: a session with a waitlist, actions on it, and the stream that its handlers follow."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore import endpoint

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import rosters as handlers
from chalicelib.events.records import RecordChange
from chalicelib.operations import links, waitlist
from chalicelib.operations.waitlist import Offered, Waitlists
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold
from chalicelib.rules.organisations import WaitlistSettings
from chalicelib.rules.waitlist import WaitlistEntry, in_order
from chalicelib.tables import invitations, ledger, organisations, registrations
from chalicelib.tables import waitlist as entries
from infra.local.stream_records import as_lambda_sends
from tests.live.ledger.scenario import NOW, ORG, fresh, named, open_session


def joined(session: str, spots: int = 1, *, email: str = "", key: str = "", confirmed: bool = True, now: datetime = NOW) -> WaitlistEntry:
    """Join as somebody whose address counts, or as a stranger from a client address of its own."""
    draft = JoinInput(email=email or f"{fresh('waiter')}@{fresh('d')}.org", name="Cleo", spots=spots)
    source = "" if confirmed else fresh("client")
    return waitlist.join(ORG, session, draft, locale="en", key=key or fresh("key"), source=source, now=now).entry


def confirmed(entry: WaitlistEntry) -> WaitlistEntry:
    """Confirm the address by the link in the e-mail."""
    return waitlist.confirm(links.mailed_waitlist_link(entry).rpartition("/")[2])


def offered_by_hand(entry: WaitlistEntry, *, now: datetime = NOW) -> Offered:
    return waitlist.offer_by_hand(ORG, named(entry.session, entry.id), by="owner", now=now)


def set_rules(**wanted: Any) -> None:
    organisation = organisations.get(ORG)
    organisations.save(replace(organisation, waitlist=WaitlistSettings(**wanted)))


def advanced(session: str, *, now: datetime = NOW) -> int:
    return waitlist.advance(ORG, session, now=now)


def listed(session: str) -> list[WaitlistEntry]:
    return entries.list_entries(ORG, session)


def ordered(session: str) -> list[WaitlistEntry]:
    return in_order(listed(session))


def entry_of(entry: WaitlistEntry) -> WaitlistEntry:
    return entries.get(ORG, entry.session, entry.id)


def counted_line(session: str) -> tuple[int, dict[int, int]]:
    """Return the counts of the queue on the first chunk: in total, and by size."""
    first = ledger.read(ORG, session)[0]
    return first.waiting_parties, dict(first.waiting_by_size)


PAGE = 1000


def full_session(*sizes: int) -> str:
    """Open a session with exactly the spots of these parties; the first is called `before0`."""
    session = open_session(sum(sizes))
    for index, size in enumerate(sizes):
        ledger.claim_with_full_ledger(ORG, session, f"before{index}", Hold(spots=size, state="taken", nonce="before"), now=NOW)
    return session


def gone(session: str, place: int = 0) -> None:
    """Remove one of the parties from the start."""
    found = ledger.locate(ORG, session, f"before{place}", chunk=0)
    if found:
        ledger.release(ORG, session, f"before{place}", found.hold, chunk=found.chunk)


def offer_of(entry: WaitlistEntry) -> Invitation:
    now_it_is = entry_of(entry)
    assert now_it_is.status == "offered", now_it_is
    return invitations.get(ORG, entry.session, now_it_is.invitation)


def statuses(*waiting: WaitlistEntry) -> list[str]:
    return [entry_of(entry).status for entry in waiting]


class Stream:
    """The Rosters stream of a stage, from its beginning."""

    def __init__(self) -> None:
        self._client = boto3.client("dynamodbstreams", endpoint_url=clients.dynamodb().meta.endpoint_url)
        self._arn = clients.dynamodb().describe_table(TableName=config().rosters_table)["Table"]["LatestStreamArn"]
        self._shard, self._place = "", ""

    def read(self) -> list[RecordChange]:
        """Return the changes since the last read; before the first read there must have been one."""
        found: list[RecordChange] = []
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
    """Let the handlers follow all changes of a session, each reading as one batch, and the changes that result."""
    while changes := [change for change in stream.read() if change.new and change.new["pk"]["S"].endswith(f"#{session}")]:
        waitlists = Waitlists()
        for change in changes:
            handlers.react(change, now=now, waitlists=waitlists)


def _change(record: dict[str, Any]) -> RecordChange:
    images = record["dynamodb"]
    return RecordChange(images.get("OldImage"), images.get("NewImage"))


class Silence:
    """Ignores every call."""

    def __getattr__(self, _: str) -> Any:
        return _nothing


def quiet(patch: pytest.MonkeyPatch) -> None:
    """Let the stream handler update rows and advance the waitlist, without messages and notifications, which have their own tests."""
    for name in ("reactions", "notifications", "telemetry"):
        patch.setattr(handlers, name, Silence())
    patch.setattr(handlers, "REACTIONS", {"gone": _nothing, "held": _nothing, "confirmed": noted})


def without_pauses(patch: pytest.MonkeyPatch) -> None:
    """Let botocore retry without pauses."""
    patch.setattr(endpoint, "time", Silence())


def _nothing(*_: Any, **__: Any) -> None:
    pass


def noted(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    if hold_id.startswith("before"):
        return  # It was written without a row.
    registration = registrations.mark_confirmed(org, session, hold.registration or hold_id, now=now)
    if registration and registration.invitation and registration.holds(hold):
        invitations.mark_accepted(org, session, hold_id, nonce=hold.nonce, registration=registration.id, by=registration.email)
