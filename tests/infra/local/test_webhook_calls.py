"""The receiver of webhooks beside the mailbox."""

import json
import time
from pathlib import Path

import pytest

from chalicelib.rules.webhooks import new_secret, signatures
from infra.local.http_server import Request, Response
from infra.local.mailbox.mail_store import MailStore
from infra.local.mailbox.server import Mailbox

SECRET = new_secret(b"a" * 32)
BODY = json.dumps({"type": "session.created", "organisation": "demo", "data": {"title": "<b>Judo</b>"}}).encode()


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(MailStore(tmp_path / "mail.jsonl"), rollbook="", secrets_of=lambda org: [SECRET] if org == "demo" else [])


def send(mailbox: Mailbox, *, secret: str = SECRET, body: bytes = BODY, ago: int = 0) -> Response:
    seconds = int(time.time()) - ago
    signed = signatures([new_secret(b"b" * 32), secret], id="m1", seconds=seconds, body=body)
    headers = (("webhook-id", "m1"), ("webhook-timestamp", str(seconds)), ("webhook-signature", signed))
    return mailbox(Request("POST", "/webhooks", "", (("Host", "127.0.0.1:8025"), *headers), body))


def page(mailbox: Mailbox) -> str:
    return mailbox(Request("GET", "/webhooks", "", (("Host", "127.0.0.1:8025"),))).body.decode()


def test_a_signed_call_is_shown(mailbox: Mailbox) -> None:
    assert "http://127.0.0.1:8025/webhooks" in page(mailbox)
    assert send(mailbox).status == 204
    assert "session.created" in page(mailbox)
    assert "signature verified" in page(mailbox)
    assert "<b>Judo</b>" not in page(mailbox)


def test_a_wrong_signature_is_refused_and_shown_as_such(mailbox: Mailbox) -> None:
    other = json.dumps({"type": "session.created", "organisation": "zebra"}).encode()
    responses = [send(mailbox, secret=new_secret(b"c" * 32)), send(mailbox, ago=301), send(mailbox, body=other)]
    assert [response.status for response in responses] == [400, 400, 400]
    assert "signature verified" not in page(mailbox)
    assert page(mailbox).count("signature wrong") == 3


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b"null"])
def test_what_is_no_event_is_refused(mailbox: Mailbox, body: bytes) -> None:
    assert send(mailbox, body=body).status == 400
    assert "0 webhook calls" in page(mailbox)
