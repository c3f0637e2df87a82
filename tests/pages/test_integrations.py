"""The pages for API keys and webhooks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chalicelib import clients
from chalicelib.api.webhook_data import data_of
from chalicelib.config import config
from chalicelib.operations import webhooks as operations
from chalicelib.operations.webhooks.queue import key_from
from chalicelib.pages.webhook_labels import FAULTS, GROUPS, event_label
from chalicelib.rules.webhooks import EVENT_TYPES, PING, DeliveryOutcome
from tests.http import call
from tests.operations.webhooks.receiver import Receiver
from tests.pages.browser import Browser, Page

HOME = "/o/demo/integrations"
NEW = f"{HOME}/webhooks"


@pytest.fixture
def owner(as_role: Callable[[str], Browser]) -> Browser:
    return as_role("owner")


def shown_once(page: Page) -> str:
    found = re.search(r"<textarea id=\"text\"[^>]*>\s*(\S+)</textarea>", page.html)
    assert found, page.text
    return found[1]


def form_at(owner: Browser, path: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that leads there."""
    found = re.search(rf'action="{re.escape(action)}".*?name="key" value="(\w+)"', owner.get(path).html, re.DOTALL)
    assert found
    return {"key": found[1]}


def new_key(owner: Browser, **typed: str) -> Page:
    return owner.post(f"{HOME}/keys", {**form_at(owner, HOME, f"{HOME}/keys"), "name": "Website", "role": "viewer", **typed})


def new_webhook(owner: Browser, **typed: str) -> Page:
    return owner.post(NEW, {**form_at(owner, NEW, NEW), "url": "https://example.org/hook", "all": "true", **typed})


def path_of(page: Page) -> str:
    return next(link for link in page.links if link.startswith(f"{NEW}/"))


def test_a_key_is_shown_once_listed_and_deleted(owner: Browser) -> None:
    made = new_key(owner)
    key = shown_once(made)
    assert made.status == 200
    assert call("GET", "/v1/me", token=key).json["name"] == "Website"
    listed = owner.get(HOME)
    assert key not in listed.html
    assert f"{key[:8]}…" in listed.text
    delete = next(link for link in listed.links if link.endswith("/delete"))
    assert "Delete the key Website?" in owner.get(delete).text
    assert owner.post(delete, {}).headers["location"] == f"{HOME}?done=key-deleted"
    assert call("GET", "/v1/me", token=key).status == 401
    assert owner.get(delete).status == owner.post(delete, {}).status == 404


def test_the_last_day_of_a_key_is_whole(owner: Browser) -> None:
    assert new_key(owner, expires_at="2040-05-01").status == 200
    assert "1 May 2040" in owner.get(HOME).text
    refused = new_key(owner, name="", expires_at="yesterday")
    assert refused.status == 422
    assert "Choose a date." in refused.text
    assert new_key(owner, expires_at="2020-05-01").status == 422


def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(owner: Browser) -> None:
    refused = new_webhook(owner, url="http://10.0.0.1/", **{"all": "", "session.created": "true"})
    assert refused.status == 422
    assert "Enter a public address" in refused.text
    assert re.search(r'name="session.created" value="true" checked', refused.html)
    assert new_webhook(owner, **{"all": ""}).status == 422


def test_a_webhook_from_its_form_to_its_log(owner: Browser) -> None:
    made = new_webhook(owner)
    receiver, path = Receiver(shown_once(made), lambda _id: DeliveryOutcome(None, "timed_out")), path_of(made)
    assert "Nothing sent yet" in owner.get(path).text
    assert owner.post(f"{path}/ping", {}).headers["location"] == f"{path}?done=webhook-sent"
    carry(receiver)
    page = owner.get(path)
    for word in ("Test", "Waiting", "no answer in time", "Failing"):
        assert word in page.text
    receiver.answers = lambda _id: DeliveryOutcome(200)
    again = re.search(r'formaction="([^"]+/again)"', page.html)
    assert again
    assert owner.post(again[1], {}).status == 303
    carry(receiver)
    assert "Delivered" in owner.get(path).text
    assert len(receiver.accepted) == 1


def test_a_webhook_is_changed_switched_and_deleted(owner: Browser) -> None:
    made = new_webhook(owner)
    path, first = path_of(made), shown_once(made)
    assert owner.post(path, {"url": "https://example.org/other", "customer.created": "true"}).status == 303
    assert "https://example.org/other" in owner.get(HOME).text
    assert owner.post(path, {"url": "nothing", "all": "true"}).status == 422
    assert owner.post(f"{path}/off", {}).status == 303
    assert "Switched off" in owner.get(path).text
    assert owner.post(f"{path}/ping", {}).status == 409
    assert owner.post(f"{path}/on", {}).status == 303
    assert "Make a new secret?" in owner.get(f"{path}/rotate").text
    rotated = owner.post(f"{path}/rotate", {})
    assert shown_once(rotated) != first
    assert "stays valid until" in rotated.text
    assert "Delete the webhook?" in owner.get(f"{path}/delete").text
    assert owner.post(f"{path}/delete", {}).headers["location"] == f"{HOME}?done=webhook-deleted"
    assert owner.get(path).status == 404


def test_every_event_has_a_label_and_every_fault_a_word() -> None:
    assert [event for _, events in GROUPS for event in events] == sorted(EVENT_TYPES, key=lambda event: _place(event))
    assert all(event_label(event) for event in (*EVENT_TYPES, PING))
    assert {"timed_out", "address_refused", "switched_off"} <= {*FAULTS}


def _place(event: str) -> int:
    return next(index for index, (_, events) in enumerate(GROUPS) if event in events)


def carry(receiver: Receiver) -> None:
    received = clients.sqs().receive_message(QueueUrl=config().webhooks_queue, MaxNumberOfMessages=10)
    for message in received.get("Messages", []):
        clients.sqs().delete_message(QueueUrl=config().webhooks_queue, ReceiptHandle=message["ReceiptHandle"])
        operations.send(key_from(message["Body"]), data_of, clock=lambda: datetime.now(UTC), post=receiver.post)
