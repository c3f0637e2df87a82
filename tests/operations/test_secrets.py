"""R9, behind the streams, the queue and the clock: what people sent is in no log, metric or queue, whatever goes wrong; ids are.

Addresses, a code, a link and words of staff go through every function while all is well, and while each fails and quotes what it was given.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from chalicelib import telemetry
from chalicelib.emails import render
from chalicelib.operations import messages as operations
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb
from infra.local.simulator import DETAILS
from tests.captured_output import written_down
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs, event
from tests.operations.test_reactions import accepted, invited, registered

WORD = "sentinel"
CONTEXT = SimpleNamespace(aws_request_id="c0ffee-1", function_name=f"{telemetry.SERVICE}-on_something")
Written = Callable[[], str]


@pytest.fixture
def written(streams: Streams, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """Return the output so far."""
    with written_down(monkeypatch, capfd) as until_now:
        yield until_now


@pytest.fixture
def busy(open_session: Callable[..., Session], sqs: Sqs, now: datetime) -> None:
    """A session that somebody is invited to, has accepted, has registered for, and that staff write to."""
    open_session(title=f"{WORD} title", location=f"{WORD} place")
    invited(f"{WORD}.1@example.org", now=now, note=f"{WORD} note")
    accepted(invited(f"{WORD}.2@example.org", now=now), now=now)
    registered(f"{WORD}.3@example.org", now=now, name=f"{WORD} child")
    text = RosterMessageInput(registrations="all", subject=f"{WORD} subject", text=f"{WORD} text")
    operations.mail_roster("demo", "s1", text, by=f"{WORD}@example.org", key=WORD, now=now)


def everything(streams: Streams, sqs: Sqs, ses: Ses) -> None:
    """Call every function as Lambda does, with what waits for it."""
    from app import app, on_deliveries, on_jobs, on_messages, on_rosters, run_schedules

    assert app
    for _ in range(2):
        _call(on_rosters, {"Records": streams.rosters.read()})
    for body in list(sqs.waiting):
        _call(on_jobs, event(body, 1))
    _call(on_messages, {"Records": streams.messages.read()})
    for own in ses.ids():
        for detail in DETAILS.values():
            mail = {"tags": {"org": ["demo"], "message": [own]}, "destination": [f"{WORD}@example.org"]}
            _call(on_deliveries, _from_eventbridge({**detail, "mail": mail}))
    _call(run_schedules, _from_eventbridge({}))


def _call(handler: Any, given: dict[str, Any]) -> None:
    try:
        handler(json.loads(json.dumps(given, default=_as_lambda_does)), CONTEXT)
    except Exception as error:  # Lambda writes the text of what is raised to the log itself.
        print(error)


def _as_lambda_does(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else str(value)


def _from_eventbridge(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "e",
        "detail-type": "x",
        "source": "x",
        "account": "",
        "time": "",
        "region": "",
        "resources": [],
        "detail": detail,
    }


@pytest.mark.usefixtures("busy")
def test_nothing_is_written_while_all_goes_well(streams: Streams, sqs: Sqs, ses: Ses, written: Written) -> None:
    everything(streams, sqs, ses)
    _check(written(), sqs, expected=('"Invited"', '"Accepted"', '"Registered.public"', '"Mail.sent"', '"Mail.bounced"'))
    assert any(WORD in address for address in ses.recipients), "it went through"


@pytest.mark.usefixtures("busy")
def test_nothing_is_written_when_ses_refuses_and_quotes_the_e_mail(streams: Streams, sqs: Sqs, ses: Ses, written: Written) -> None:
    def refuse() -> NoReturn:
        raise ClientError({"Error": {"Code": "InternalFailure", "Message": f"{WORD}@example.org http://x/i/{WORD}"}}, "SendEmail")

    ses.before = refuse
    everything(streams, sqs, ses)
    _check(written(), sqs, expected=('"mail_delayed"', '"InternalFailure"', '"org":"demo"', '"mail"'))


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("place", ["writing", "database"])
def test_nothing_is_written_when_something_breaks_and_quotes_what_it_was_given(
    place: str, streams: Streams, sqs: Sqs, ses: Ses, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object, **more: object) -> NoReturn:
        quoted = f"{given} {more} {WORD}@example.org HELV-{WORD}"
        try:
            raise KeyError(quoted)
        except KeyError as inner:
            raise RuntimeError(quoted) from inner

    target = {"writing": (render, "write"), "database": (dynamodb, "with_retries")}[place]
    monkeypatch.setattr(*target, fail)
    everything(streams, sqs, ses)
    _check(
        written(),
        sqs,
        expected=('"message":"failed"', '"RuntimeError"', '"request_id":"c0ffee-1"', '"function":"on_something"', '"org":"demo"'),
    )


def _check(written: str, sqs: Sqs, *, expected: tuple[str, ...]) -> None:
    for part in expected:
        assert part in written, f"{part} was written at all"
    index = written.lower().find(WORD)
    assert index < 0, written[max(0, index - 300) : index + 100]
    assert "@" not in written
    assert WORD not in "".join(sqs.waiting)
