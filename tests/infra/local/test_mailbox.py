import base64
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.http_server import Request, Response, Server
from infra.local.mailbox.mail_store import MailStore
from infra.local.mailbox.server import Mailbox

HERE = (("Host", "127.0.0.1:8025"),)
HTML = '<!doctype html><html><head lang="en"><title>t</title></head><body><p>Hello</p><script>alert(1)</script></body></html>'
SIMPLE = {
    "Subject": {"Data": "Your spot: <Pottery>"},
    "Body": {"Text": {"Data": "https://example.org/i/1\n\nHello"}, "Html": {"Data": HTML}},
    "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://example.org/u>"}],
    "Attachments": [{"FileName": "é spot.ics", "ContentType": "text/calendar", "RawContent": b"BEGIN:VCALENDAR"}],
}


@pytest.fixture
def mail_file(tmp_path: Path) -> Path:
    return tmp_path / "mail" / "messages.jsonl"


@pytest.fixture
def mailbox(mail_file: Path) -> Mailbox:
    return Mailbox(MailStore(mail_file), rollbook="http://127.0.0.1:8000")


@pytest.fixture
def send(mailbox: Mailbox, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that sends with boto3, as the application does."""
    ses = boto3.client("sesv2", endpoint_url=serve(mailbox).url)

    def send_email(to: str = "Ana <ana@example.org>", **changes: Any) -> str:
        request = {
            "FromEmailAddress": '"Demo" <rollbook@local.test>',
            "Destination": {"ToAddresses": [to]},
            "ReplyToAddresses": ["office@demo.test"],
            "Content": {"Simple": SIMPLE},
            "EmailTags": [{"Name": "kind", "Value": "invitation"}],
            "ConfigurationSetName": "set",
        }
        return str(ses.send_email(**request | changes)["MessageId"])

    return send_email


def get(mailbox: Mailbox, path: str, query: str = "") -> Response:
    return mailbox(Request("GET", path, query, HERE))


def messages(mailbox: Mailbox) -> Any:
    return json.loads(get(mailbox, "/api/messages").body)


def policy(response: Response) -> str:
    return dict(response.headers)["Content-Security-Policy"]


def test_a_sent_e_mail_can_be_read_back(mailbox: Mailbox, send: Callable[..., str]) -> None:
    id = send()
    (message,) = messages(mailbox)
    assert (message["id"], message["to"], message["from"]) == (id, ["ana@example.org"], '"Demo" <rollbook@local.test>')
    assert (message["subject"], message["html"], message["text"]) == ("Your spot: <Pottery>", HTML, "https://example.org/i/1\n\nHello")
    assert message["headers"]["Reply-To"] == "office@demo.test"
    assert message["headers"]["List-Unsubscribe"] == "<https://example.org/u>"
    assert message["attachments"] == [{"name": "é spot.ics", "content_type": "text/calendar", "size": 15}]
    assert message["tags"] == {"kind": "invitation", "configuration-set": "set"}


def test_raw_messages_are_understood(mailbox: Mailbox, send: Callable[..., str]) -> None:
    raw = EmailMessage()
    raw["From"], raw["To"], raw["Subject"], raw["X-Kind"] = "Démo <rollbook@local.test>", "Ana <ana@example.org>", "Où ?", "raw"
    raw.set_content("Bonjour\n")
    raw.add_alternative("<p>Bonjour</p>", subtype="html")
    raw.add_attachment(b"\xff", maintype="application", subtype="pdf", filename="a.pdf")
    send(Content={"Raw": {"Data": raw.as_bytes()}})
    (message,) = messages(mailbox)
    assert (message["subject"], message["text"], message["headers"]["X-Kind"]) == ("Où ?", "Bonjour\n", "raw")
    assert message["html"].strip() == "<p>Bonjour</p>"
    assert get(mailbox, f"/messages/{message['id']}/attachments/0").body == b"\xff"


@pytest.mark.parametrize(
    "changes",
    [
        {"Destination": {}},
        {"Destination": {"ToAddresses": ["nobody"]}},
        {"Content": {}},
        {"Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {}}}},
        {"Content": {"Template": {"TemplateName": "t"}}},
        {"Content": {"Simple": SIMPLE | {"Headers": [{"Name": "A", "Value": "b\r\nBcc: c@example.org"}]}}},
    ],
)
def test_e_mails_that_ses_would_refuse_are_refused(mailbox: Mailbox, send: Callable[..., str], changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        send(**changes)
    assert refused.value.response["Error"]["Code"] == "BadRequestException"
    assert messages(mailbox) == []


def test_e_mails_survive_a_restart_newest_first(mailbox: Mailbox, send: Callable[..., str], mail_file: Path) -> None:
    send("ana@example.org")
    send("ben@example.org")
    with mail_file.open("ab") as file:
        file.write(b'{"id": "cut off by a cra')
    again = Mailbox(MailStore(mail_file), rollbook="")
    assert [message["to"] for message in messages(again)] == [["ben@example.org"], ["ana@example.org"]]
    again(
        Request(
            "POST", "/v2/email/outbound-emails", headers=(("Host", "localhost:1"),), body=json.dumps(minimal("cy@example.org")).encode()
        )
    )
    assert [message["to"][0] for message in messages(Mailbox(MailStore(mail_file), rollbook=""))] == [
        "cy@example.org",
        "ben@example.org",
        "ana@example.org",
    ]


def minimal(to: str) -> dict[str, Any]:
    content = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}
    return {"FromEmailAddress": "a@local.test", "Destination": {"ToAddresses": [to]}, "Content": content}


def test_the_list_can_be_searched_by_address(mailbox: Mailbox, send: Callable[..., str]) -> None:
    send("ana@example.org")
    send("ben@example.org")
    found = get(mailbox, "/", "address=+ANA@").body.decode()
    assert "ana@example.org" in found
    assert "ben@example.org" not in found


def test_a_long_list_comes_in_pages(mailbox: Mailbox, mail_file: Path) -> None:
    for number in range(101):
        mailbox(Request("POST", "/v2/email/outbound-emails", headers=HERE, body=json.dumps(minimal(f"p{number:03}@example.org")).encode()))
    first, second = (get(mailbox, "/", f"page={page}").body.decode() for page in ("1", "2"))
    assert ("p100@" in first, "p000@" in first, "Older" in first) == (True, False, True)
    assert ("p100@" in second, "p000@" in second, "Newer" in second) == (False, True, True)


def test_pages_escape_e_mails_and_allow_no_script(mailbox: Mailbox, send: Callable[..., str]) -> None:
    id = send()
    for path in ("/", f"/messages/{id}", f"/messages/{id}/text", f"/messages/{id}/headers", "/empty", "/nowhere"):
        page = get(mailbox, path)
        assert b"<Pottery>" not in page.body
        assert b"<script" not in page.body
        assert "default-src 'none'" in policy(page)
        assert "script-src" not in policy(page)


def test_the_html_of_an_e_mail_is_shown_in_a_sandbox(mailbox: Mailbox, send: Callable[..., str]) -> None:
    id = send()
    assert b'sandbox="allow-popups allow-popups-to-escape-sandbox"' in get(mailbox, f"/messages/{id}").body
    body = get(mailbox, f"/messages/{id}/body")
    assert b'<head lang="en"><base target="_blank">' in body.body
    assert policy(body).startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'")


def test_an_attachment_is_saved_and_never_shown(mailbox: Mailbox, send: Callable[..., str]) -> None:
    file = get(mailbox, f"/messages/{send()}/attachments/0")
    assert file.body == b"BEGIN:VCALENDAR"
    assert dict(file.headers)["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%A9%20spot.ics"


@pytest.mark.parametrize(
    "path", ["/messages/x", "/messages/{id}/attachments/1", "/messages/{id}/other", "/api", "/v2/email/outbound-emails"]
)
def test_an_unknown_path_answers_404(mailbox: Mailbox, send: Callable[..., str], path: str) -> None:
    assert get(mailbox, path.replace("{id}", send())).status == 404


def test_the_mailbox_can_be_emptied(mailbox: Mailbox, send: Callable[..., str], mail_file: Path) -> None:
    for request in (Request("DELETE", "/api/messages", headers=HERE), Request("POST", "/empty", headers=HERE)):
        send()
        assert mailbox(request).status in (204, 303)
        assert messages(mailbox) == []
        assert mail_file.read_bytes() == b""


FOREIGN: list[Any] = [
    (),
    (("Host", "evil.example"),),
    (("Host", "evil.example:8025"),),
    (("Host", "127.0.0.1.evil.example"),),
    (("Host", "evil.example"), ("Origin", "http://evil.example")),
    (("Host", "[::1"),),
    (("Host", "127.0.0.1:8025"), ("Origin", "https://evil.example")),
    (("Host", "127.0.0.1:8025"), ("Origin", "null")),
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_elsewhere_cannot_reach_the_mailbox_through_a_browser(mailbox: Mailbox, send: Callable[..., str], headers: Any) -> None:
    send()
    assert mailbox(Request("GET", "/api/messages", headers=headers)).status == 403
    assert mailbox(Request("POST", "/empty", headers=headers)).status == 403
    assert len(messages(mailbox)) == 1


def test_invalid_base64_is_refused(mailbox: Mailbox) -> None:
    attachment = {"FileName": "a", "RawContent": "?"}
    request = minimal("ana@example.org")
    request["Content"]["Simple"]["Attachments"] = [attachment]
    assert mailbox(Request("POST", "/v2/email/outbound-emails", headers=HERE, body=json.dumps(request).encode())).status == 400
    attachment["RawContent"] = base64.b64encode(b"a").decode()
    assert mailbox(Request("POST", "/v2/email/outbound-emails", headers=HERE, body=json.dumps(request).encode())).status == 200
