"""R22: SES refuses for a while, or the database is away while bounces come in. No e-mail is given up, no bounce is lost."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.events import deliveries
from chalicelib.events import messages as message_events
from chalicelib.operations.messages import call_for_overdue
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import dynamodb, messages, organisations
from tests.operations.faults import SEED, queue_many
from tests.operations.simulated_aws import Lambda, Record, Ses, Streams, refusal

NUMBER, MINUTES = 20, 6
UNVERIFIED = "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
QUOTA = "Daily message quota exceeded."
GONE = "Configuration set <rollbook-prod> does not exist."
REFUSALS = {
    "the sender is not verified": ("MessageRejected", f"{UNVERIFIED}rollbook@local.test", 1.0),
    "the sandbox knows one recipient in three": ("MessageRejected", f"{UNVERIFIED}ana@example.org", 0.67),
    "the rate is used up": ("TooManyRequestsException", "Maximum sending rate exceeded.", 1.0),
    "the rate is used up now and then": ("ThrottlingException", "Maximum sending rate exceeded.", 0.5),
    "the quota of the day is used up": ("ThrottlingException", QUOTA, 1.0),
    "sending is paused": ("SendingPausedException", "Email sending is disabled.", 1.0),
    "the account is suspended": ("AccountSuspendedException", "", 1.0),
    "the domain of bounces is not verified": ("MailFromDomainNotVerifiedException", "", 1.0),
    "the configuration set is gone": ("NotFoundException", GONE, 1.0),
    "the configuration set is gone, in other words": ("BadRequestException", GONE, 1.0),
    "its servers fail": ("InternalFailure", "", 0.8),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_no_e_mail_is_given_up_while_ses_refuses(
    organisation: Organisation, streams: Streams, ses: Ses, now: datetime, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text, share = REFUSALS[why]
    dice, refused = random.Random(SEED), list[str]()
    expected = queue_many(NUMBER, now)
    clock = now
    stream = Lambda(lambda event: message_events.handle(event, clock=lambda: clock))

    def refuse() -> None:
        if dice.random() < share:
            refused.append(code)
            raise refusal(code, text)

    ses.before = refuse
    stream.deliver(streams.messages.read())
    for _ in range(MINUTES):
        clock += timedelta(minutes=1)
        stream.deliver(called(streams, clock))
    sent_meanwhile = len(ses.sent)
    ses.fail()
    clock += timedelta(minutes=2)
    stream.deliver(called(streams, clock))
    states = Counter(message.state for id in expected if (message := messages.get("demo", id)))
    with capsys.disabled():
        given_up = NUMBER - states["sent"] + len(stream.set_aside)
        print(f"\nR22 {why}: {NUMBER} e-mails, {len(refused)} refusals, {sent_meanwhile} sent meanwhile, {given_up} given up", end="")
    assert refused
    assert states == {"sent": NUMBER}
    assert sorted(ses.ids()) == sorted(expected), "each left once"
    assert stream.set_aside == [], "no record failed"


def called(streams: Streams, now: datetime) -> list[Record]:
    """Let the clock call for what is overdue, and return the records that follow."""
    call_for_overdue(now=now)
    return [record for some in iter(streams.messages.read, []) for record in some]


def test_control_a_refusal_for_good_ends_an_e_mail(organisation: Organisation, streams: Streams, ses: Ses, now: datetime) -> None:
    """So that a refusal of the others that ended them would be seen."""
    expected = queue_many(3, now)
    ses.refuse_all("MessageRejected", text="Email contains a virus.")
    message_events.handle({"Records": streams.messages.read()}, clock=lambda: now)
    assert Counter(message.state for id in expected if (message := messages.get("demo", id))) == {"failed": 3}


def test_no_bounce_is_lost_while_the_database_is_away(
    organisation: Organisation,
    streams: Streams,
    ses: Ses,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    queue_many(NUMBER, now)
    streams.drain(now)
    told = [event("Complaint" if index % 5 == 0 else "Bounce", id) for index, id in enumerate(ses.ids())]
    failed: list[dict[str, Any]] = []
    with away(monkeypatch):
        for one in told:
            invoke_asynchronously(one, now, failed)
    assert len(failed) == NUMBER
    assert no_longer_written_to() == 0
    for one in failed:  # What `replay` does with each event in the failure queue.
        deliveries.handle(one, clock=lambda: now)
    with capsys.disabled():
        print(f"\nR22 the database is away: {NUMBER} bounces and complaints, {NUMBER - no_longer_written_to()} lost", end="")
    assert no_longer_written_to() == NUMBER


def event(kind: str, message: str) -> dict[str, Any]:
    mail = {"messageId": "x", "tags": {"org": ["demo"], "message": [message]}}
    return {"detail": {"eventType": kind, "bounce": {"bounceType": "Permanent"}, "complaint": {}, "mail": mail}}


def invoke_asynchronously(one: dict[str, Any], now: datetime, failed: list[dict[str, Any]]) -> None:
    """Try an event three times, as Lambda does, and set it aside then."""
    for _ in range(3):
        with suppress(EndpointConnectionError):
            deliveries.handle(one, clock=lambda: now)
            return
    failed.append(one)


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: Any, **__: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="http://dynamodb")

    with monkeypatch.context() as patched:
        for name in ("get", "update", "put", "put_new"):
            patched.setattr(dynamodb, name, fail)
        yield


def no_longer_written_to() -> int:
    wishes = [organisations.email_preferences("demo", f"{index}@example.org") for index in range(NUMBER)]
    return sum(bool(wish.bounce or wish.complaints) for wish in wishes)
