"""The Records stream: writes the audit log and the deliveries of webhooks. The log also takes changes from the Rosters stream."""

from datetime import datetime
from typing import Any

from chalicelib.events.records import Clock, RecordChange, each, real_time
from chalicelib.operations import audit, webhooks
from chalicelib.rules.ledger import Hold
from chalicelib.tables.audit import added_entry
from chalicelib.tables.webhooks import switched_off


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Record every change that the audit log covers, and the deliveries of webhooks about it. Records may be repeated and reordered."""
    active = webhooks.ActiveWebhooks()
    return each(event, lambda change: _react(change, active, clock))


def _react(change: RecordChange, active: webhooks.ActiveWebhooks, clock: Clock) -> None:
    record(change, clock)
    if entry := added_entry(change.old, change.new):
        webhooks.record_entry(entry, active, now=clock())
    if webhook := switched_off(change.old, change.new):
        webhooks.record_off(webhook, now=clock())


def record(change: RecordChange, clock: Clock) -> None:
    """Record a change of a row. One without an id was made from the tables by a replay, and is not recorded."""
    if change.id:
        audit.record(change.old, change.new, id=change.id, at=change.at or clock())


def record_held(change: RecordChange, hold_id: str, hold: Hold, now: datetime) -> None:
    """Record the invitation whose spots this change of a ledger's chunk holds."""
    if change.id and change.new:
        org, _, session = change.new["pk"]["S"].partition("#")
        audit.record_held(org, session, hold_id, hold, id=change.id, at=change.at or now)
