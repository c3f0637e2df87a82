"""Staff who may only read see no link that accepts, declines, leaves or signs up for its holder."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.rules.messages import BLANK, Content
from chalicelib.tables import messages as messages_table
from tests.api.tenants import Office, stream_follows

TOKEN = re.compile(r"/(?:i|b|waitlist)/[\w.-]{20,}")


@pytest.fixture
def session(demo: Office) -> str:
    """Return a session with an invitation and an offer from its waitlist."""
    session = demo.full_session()
    demo.invite(session, confirm_over_capacity=True)
    return session


def seen(demo: Office, path: str, by: str) -> Any:
    response = demo.call("GET", path, by=by)
    assert response.status == 200, response.text
    return response


@pytest.mark.parametrize(("by", "shown"), [("manager", True), ("owner", True), ("viewer", False)])
def test_who_may_not_invite_sees_no_link_of_an_invitation(by: str, shown: bool, demo: Office, session: str) -> None:
    (listed,) = seen(demo, f"/sessions/{session}/invitations", by).json["items"]
    (on_roster,) = seen(demo, f"/sessions/{session}/roster", by).json["invitations"]
    read = seen(demo, f"/invitations/{listed['id']}", by).json
    assert [bool(one["link"]) for one in (listed, on_roster, read)] == [shown] * 3


@pytest.mark.parametrize(("by", "shown"), [("manager", True), ("viewer", False)])
def test_kept_copies_of_e_mails_show_no_claiming_link_to_who_may_only_read(by: str, shown: bool, demo: Office, session: str) -> None:
    stream_follows(demo, session)
    messages = seen(demo, f"/sessions/{session}/messages", "manager").json["items"]
    (id,) = [message["id"] for message in messages if message["kind"] == "session_invitation"]
    (listed,) = seen(demo, f"/sessions/{session}/invitations", "manager").json["items"]
    sent(id, listed["link"])
    kept = seen(demo, f"/messages/{id}", by).json
    assert [bool(TOKEN.search(kept[part])) for part in ("text", "html")] == [shown] * 2
    assert (BLANK in kept["text"]) != shown


def sent(id: str, link: str) -> None:
    """Keep a copy with this link, as the mailer does."""
    now = datetime.now(UTC)
    taken = messages_table.take("demo", id, now=now, until=now + timedelta(seconds=60))
    assert taken
    messages_table.mark_sent(taken, ses_id="1", content=Content("s", f"{link}\n\nHello", f'<a href="{link}">x</a>'), now=now)


@pytest.mark.parametrize("kind", ["i", "b", "waitlist", "confirm", "activate", "reset"])
def test_every_kind_of_claiming_link_is_blanked(kind: str) -> None:
    link = f"https://example.org/prod/{kind}/demo.s1.abc.AAAAAAAAAAAAAAAAAAAAAA"
    content = Content("s", f"{link}\n\n{link}/decline?lang=fr, or ({link})", f'<a href="{link}">{link}</a>').without_claims()
    assert "AAAA" not in content.text + content.html
    assert content.text.startswith(f"https://example.org/prod/{kind}/{BLANK}\n")


def test_other_links_stay() -> None:
    text = "https://example.org/p/demo https://example.org/invoice/demo.1.AAAAAAAAAAAAAAAAAAAAAA /privacy/i"
    assert Content("s", text, text).without_claims() == Content("s", text, text)
