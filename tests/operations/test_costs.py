"""Writes and reads of an invitation that is sent, opened and accepted, compared with `python -m infra costs`."""

from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Any

import pytest

from bench.counting import size
from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import deliveries
from chalicelib.operations import invitations, links
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from infra import templates
from infra.commands.costs import PER_INVITATION
from tests.operations.simulated_aws import Record, Ses, Stream, Streams

WRITE_UNIT = 1024
TWICE = 10
"""Units more: items that are written in a transaction count twice, which a stream does not show."""
READS = {"GetItem", "BatchGetItem", "Query"}


def test_the_units_of_an_invitation(open_session: Callable[..., Any], streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    tables = [config().rosters_table, config().messages_table, config().records_table]
    table_streams = {table: Stream(table) for table in tables}
    for stream in table_streams.values():
        stream.read()
    asked = []
    clients.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))

    invitation = invitations.invite("demo", "s1", InvitationInput(email="ana@example.org"), by="owner", key="k", now=now).invitation
    streams.drain(now)
    form = AcceptInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Zoé")])
    invitations.live_claim_view(links.invitation_token(invitation), now=now)
    invitations.accept(links.invitation_token(invitation), form, locale="en", now=now)
    streams.drain(now)
    for message in ses.ids():
        deliveries.handle(delivered(message), clock=lambda: now)

    written = TWICE + sum(units(table, record["dynamodb"]) for table, stream in table_streams.items() for record in stream.read())
    assert len(ses.sent) == PER_INVITATION["e-mails"]
    assert written == pytest.approx(PER_INVITATION["write units"], rel=0.2)
    assert sum(name in READS for name in asked) <= PER_INVITATION["read units"]


def delivered(message: str) -> dict[str, Any]:
    mail = {"messageId": "x", "tags": {"org": ["demo"], "message": [message]}}
    return {"source": "aws.ses", "detail": {"eventType": "Delivery", "delivery": {"timestamp": "2026-11-22T12:00:00.000Z"}, "mail": mail}}


def units(table: str, record: Record) -> int:
    """Return the write units of a change: the item's own, and as many for each index that it is in."""
    images = [record[name] for name in ("OldImage", "NewImage") if name in record]
    own = max(ceil(size(image) / WRITE_UNIT) for image in images)
    return own * (1 + sum(any(all(key in image for key in index) for image in images) for index in indexes(table)))


def indexes(table: str) -> list[list[str]]:
    found = (resource["Properties"] for resource in templates.resources("tables", "test").values())
    (properties,) = (one for one in found if one["TableName"] == table)
    return [[key["AttributeName"] for key in index["KeySchema"]] for index in properties["GlobalSecondaryIndexes"]]
