"""Webhooks: what is told, when it is tried again, and how it is signed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from chalicelib.pages.audit_labels import ACTIONS
from chalicelib.rules.actor import CLOCK
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.rules.webhooks import ALIKE, EVENT_TYPES, PAUSES, DeliveryOutcome, Webhook, events_of, new_secret, pause_after, signatures

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET, OTHER = new_secret(b"a" * 32), new_secret(b"b" * 32)
WEBHOOK = Webhook("demo", "w", "https://example.org/", ("registration.created",), b"", NOW)


def entry(action: str, **after: object) -> AuditEntry:
    return AuditEntry("demo", "e", NOW, CLOCK, action, AuditSubject(action.partition(".")[0], "t"), {}, after)


def headers(id: str, body: bytes, *secrets: str) -> dict[str, str]:
    seconds = int(datetime.now(UTC).timestamp())
    signed = signatures(list(secrets), id=id, seconds=seconds, body=body)
    return {"webhook-id": id, "webhook-timestamp": str(seconds), "webhook-signature": signed}


def test_receivers_of_the_specification_accept_our_signatures() -> None:
    body = '{"type": "registration.created", "name": "Élodie"}'
    assert Receiver(SECRET).verify(body, headers("m1", body.encode(), SECRET)) == json.loads(body)


def test_while_a_secret_is_changed_both_count() -> None:
    body = "{}"
    signed = headers("m1", body.encode(), SECRET, OTHER)
    assert [Receiver(secret).verify(body, signed) for secret in (SECRET, OTHER)] == [{}, {}]


@pytest.mark.parametrize("changed", [{"webhook-id": "m2"}, {"webhook-timestamp": "1"}, {"webhook-signature": "v1,AAAA"}])
def test_a_changed_call_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(WebhookVerificationError):
        Receiver(SECRET).verify("{}", {**headers("m1", b"{}", SECRET), **changed})


def test_a_call_with_another_secret_is_refused() -> None:
    with pytest.raises(WebhookVerificationError):
        Receiver(OTHER).verify("{}", headers("m1", b"{}", SECRET))


def test_pauses_grow_for_three_days() -> None:
    assert all(first < second for first, second in pairwise(PAUSES))
    assert timedelta(days=2, hours=20) < sum(PAUSES, timedelta()) <= timedelta(days=3)
    assert pause_after(1) == timedelta(seconds=5)
    assert [pause_after(attempts) is None for attempts in (len(PAUSES), len(PAUSES) + 1)] == [False, True]


def test_every_type_is_told_of() -> None:
    """By an action of the audit log with its name; a redemption comes with a registration."""
    assert {*EVENT_TYPES} - {*ACTIONS, "attendance.marked"} == {"code.redeemed"}
    assert {*ALIKE} <= {*ACTIONS}
    assert {*ALIKE.values()} <= {*EVENT_TYPES}


def test_what_is_told_of_an_entry() -> None:
    assert [event.type for event in events_of(entry("registration.created"))] == ["registration.created"]
    assert [event.type for event in events_of(entry("registration.billed", billing="paid"))] == ["registration.updated"]
    assert [event.type for event in events_of(entry("registration.billed", billing="refunded"))] == ["payment.refunded"]
    assert events_of(entry("staff.invited")) == events_of(entry("webhook.created")) == []


def test_a_webhook_is_told_what_it_asked_for() -> None:
    assert WEBHOOK.wants("registration.created")
    assert not WEBHOOK.wants("registration.updated")
    assert replace(WEBHOOK, events=("*",)).wants("registration.updated")
    assert not replace(WEBHOOK, active=False).wants("registration.created")


def test_a_webhook_is_switched_off_after_five_days() -> None:
    failing = replace(WEBHOOK, failing_since=NOW)
    assert [failing.has_failed_too_long(NOW + timedelta(days=days)) for days in (4.99, 5)] == [False, True]


def test_only_2xx_is_a_success() -> None:
    good = [status for status in (None, 100, 199, 200, 204, 299, 300, 301, 400, 410, 500) if DeliveryOutcome(status).is_success]
    assert good == [200, 204, 299]


def test_secrets_are_in_no_representation() -> None:
    assert "whsec" not in repr(replace(WEBHOOK, secret=SECRET.encode(), old_secret=SECRET.encode()))
