"""What SES is handed: no header but ours, addresses as it takes them, the organisation's name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations.messages import send
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import organisations
from tests.operations.messages.test_send import reset_queued, state
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import invited

OpenSession = Callable[..., Session]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from_name", "Atelier\r\nBcc: all@example.org"),
        ("from_name", "Atelier\nBcc: x"),
        ("reply_to", "a@example.org\r\nBcc: b@example.org"),
    ],
)
def test_line_breaks_begin_no_new_header(organisation: Organisation, ses: Ses, now: datetime, field: str, value: str) -> None:
    broken: dict[str, Any] = {field: value}
    organisations.save(replace(organisation, **broken))
    own = reset_queued(now=now)
    assert send("demo", own, now=now) == "failed"
    assert state(own) == ("failed", "control_characters_in_header")
    assert ses.sent == []


@pytest.mark.parametrize("title", ["Pottery\r\nBcc: all@example.org", "Pottery\nBcc: all@example.org", "Pottery\x0b", "Pottery\u2028"])
def test_a_title_with_a_line_break_becomes_no_subject(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, title: str
) -> None:
    open_session(title=title)
    invited("ana@example.org", now=now)
    streams.drain(now)
    assert ses.sent == []


@pytest.mark.parametrize(
    ("typed", "sent_to", "became"),
    [
        ("Ana.B+judo@Example.org", ["Ana.B+judo@Example.org"], "sent"),
        ("ana@bücher.example", ["ana@xn--bcher-kva.example"], "sent"),
        ("jörg@example.org", [], "failed"),
        ("ana@example.org\r\nBcc: b@example.org", [], "failed"),
        ("nobody", [], "failed"),
    ],
)
def test_addresses_as_ses_takes_them(
    organisation: Organisation, ses: Ses, now: datetime, typed: str, sent_to: list[str], became: str
) -> None:
    assert send("demo", reset_queued(to=typed, now=now), now=now) == became
    assert ses.recipients == sent_to


def test_the_sender_is_the_organisation_by_name(organisation: Organisation, ses: Ses, now: datetime) -> None:
    organisations.save(replace(organisation, from_name='The "Blue" Studio, Paris'))
    send("demo", reset_queued(now=now), now=now)
    (request,) = ses.sent
    assert request["FromEmailAddress"] == '"The \\"Blue\\" Studio, Paris" <rollbook@local.test>'
    assert request["ReplyToAddresses"] == ["hello@atelier.example"]


def test_a_long_foreign_name_is_encoded_in_pieces_of_one_line(organisation: Organisation, ses: Ses, now: datetime) -> None:
    organisations.save(replace(organisation, from_name="Atelier Lumière " * 8))
    send("demo", reset_queued(now=now), now=now)
    sender = ses.sent[0]["FromEmailAddress"]
    assert sender.isascii()
    assert sender.isprintable()
    assert max(len(word) for word in sender.split()) <= 75
