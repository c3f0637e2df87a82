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
from infra.commands.costs import IDLE, PER_INVITATION, PRICES, table
from infra.deployment.stage import PROJECT
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
    """Return the write units of a change: the item's own, and those of each index whose entry is written, deleted or replaced."""
    before, after = record.get("OldImage"), record.get("NewImage")
    own = max(ceil(size(image) / WRITE_UNIT) for image in (before, after) if image)
    return own + sum(of_index(index, before, after) for index in declared(table)["GlobalSecondaryIndexes"])


def of_index(index: dict[str, Any], before: Any, after: Any) -> int:
    """Return the units of an index: none if its entry stays as it is, twice if its key changes."""
    was, now = entry(index, before), entry(index, after)
    if was == now:
        return 0
    moved = was and now and any(was[key] != now[key] for key in keys(index))
    return sum(ceil(size(one) / WRITE_UNIT) for one in (was, now) if one) if moved or not (was and now) else ceil(size(now) / WRITE_UNIT)


def entry(index: dict[str, Any], image: Any) -> Any:
    """Return what the index has of an item: nothing of one that lacks a key of it."""
    if not image or not all(key in image for key in keys(index)):
        return None
    projected = index["Projection"]
    if projected["ProjectionType"] == "ALL":
        return image
    return {name: value for name, value in image.items() if name in {"pk", "sk", *keys(index), *projected.get("NonKeyAttributes", [])}}


def keys(index: dict[str, Any]) -> list[str]:
    return [key["AttributeName"] for key in index["KeySchema"]]


def declared(table: str) -> dict[str, Any]:
    found = (resource["Properties"] for resource in templates.resources("tables", "test").values())
    (properties,) = (one for one in found if one["TableName"] == table)
    return dict(properties)


def test_alarms_and_the_dashboard_are_those_of_the_templates() -> None:
    """An alarm on a sum is billed for each metric in it."""
    alarms = [one["Properties"] for one in templates.resources("alarms", "test").values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    metrics = sum(sum("MetricStat" in entry for entry in alarm.get("Metrics", [])) or 1 for alarm in alarms)
    assert metrics == IDLE["alarm metrics"]
    assert len(templates.resources("dashboard", "test")) == IDLE["dashboards"]


def test_the_guide_has_the_table_that_the_command_prints() -> None:
    assert "\n".join(table(PRICES)) in (PROJECT / "docs" / "deployment.md").read_text()


@pytest.mark.parametrize("template", ["tables", "queues", "secrets"])
def test_nothing_is_encrypted_with_a_key_that_is_billed(template: str) -> None:
    """What AWS encrypts with its own key costs nothing; `SSESpecification` chooses a key whose requests do."""
    said = [resource["Properties"] for resource in templates.resources(template, "test").values()]
    assert not [one for one in said if {"SSESpecification", "KmsKeyId", "KmsMasterKeyId"} & one.keys()]
