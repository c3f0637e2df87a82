"""One message: its lease, SES's answers, and its stored content."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from chalicelib.config import config
from chalicelib.events import messages as message_events
from chalicelib.operations import links
from chalicelib.operations.messages import call_for_overdue, queue, send
from chalicelib.operations.messages.pace import PAUSES
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.messages import BLANK, Content, MailDelayed
from chalicelib.rules.organisations import Organisation, StaffMember
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb as table_requests
from chalicelib.tables import keys, messages, staff
from chalicelib.tables.items import stored
from tests.operations.simulated_aws import Ses, Streams, redrive
from tests.operations.test_reactions import invited

OpenSession = Callable[..., Session]


def reset_queued(key: str = "1", *, to: str = "ana@example.org", locale: str = "en", now: datetime) -> str:
    data = {"user": "user-1", "nonce": f"nonce-{key}"}
    return queue(kind="password_reset", org="demo", to=to, locale=locale, data=data, key=key, now=now)


def state(own: str) -> tuple[str, str]:
    message = messages.get("demo", own)
    assert message
    return message.state, message.reason


def test_the_same_key_is_the_same_message(organisation: Organisation, ses: Ses, now: datetime) -> None:
    first = reset_queued(now=now)
    send("demo", first, now=now)
    assert reset_queued(now=now) == first
    assert state(first) == ("sent", "")


def test_a_sent_message_is_not_sent_again(organisation: Organisation, ses: Ses, now: datetime) -> None:
    own = reset_queued(now=now)
    assert [send("demo", own, now=now), send("demo", own, now=now + timedelta(days=1))] == ["sent", None]
    assert len(ses.sent) == 1


def test_only_the_holder_of_the_lease_sends(organisation: Organisation, ses: Ses, now: datetime) -> None:
    own = reset_queued(now=now)
    messages.take("demo", own, now=now, until=now + timedelta(seconds=60))
    assert send("demo", own, now=now + timedelta(seconds=59)) is None
    assert ses.sent == []


def test_a_lease_that_ran_out_is_taken_over(organisation: Organisation, ses: Ses, now: datetime) -> None:
    own = reset_queued(now=now)
    messages.take("demo", own, now=now, until=now + timedelta(seconds=60))
    assert send("demo", own, now=now + timedelta(seconds=61)) == "sent"


def test_who_lost_the_lease_marks_nothing_but_that_it_is_out(organisation: Organisation, now: datetime) -> None:
    own = reset_queued(now=now)
    slow = messages.take("demo", own, now=now, until=now + timedelta(seconds=60))
    later = now + timedelta(seconds=61)
    messages.take("demo", own, now=later, until=later + timedelta(seconds=60))
    assert slow
    messages.put_back(slow)
    assert state(own) == ("sending", "")
    messages.mark_sent(slow, ses_id="1", content=Content("s", "t", "h"), now=later)
    assert state(own) == ("sent", "")


def test_a_throttled_message_is_sent_after_a_pause(organisation: Organisation, streams: Streams, ses: Ses, now: datetime) -> None:
    own = reset_queued(now=now)
    ses.fail("TooManyRequestsException", "TooManyRequestsException")
    assert message_events.handle({"Records": streams.messages.read()}, clock=lambda: now) == {"batchItemFailures": []}
    assert state(own) == ("sent", "")
    assert len(ses.sent) == 1


def test_while_ses_throttles_all_wait_for_the_clock_and_no_record_fails(
    organisation: Organisation, streams: Streams, ses: Ses, now: datetime
) -> None:
    own = [reset_queued(str(number), now=now) for number in range(5)]
    requests = ses.refuse_all("TooManyRequestsException")
    result = message_events.handle({"Records": streams.messages.read()}, clock=lambda: now)
    assert result == {"batchItemFailures": []}
    assert len(requests) == PAUSES + 1, "once the pauses are used up, none asks in vain"
    assert {state(one) for one in own} == {("queued", "")}
    ses.fail()
    assert redrive("demo", now=now + timedelta(minutes=2)) == 5


@pytest.mark.parametrize(
    ("code", "text"),
    [("SendingPausedException", ""), ("AccountSuspendedException", ""), ("ThrottlingException", "Daily message quota exceeded.")],
)
def test_while_sending_is_paused_one_e_mail_of_an_organisation_asks(
    organisation: Organisation, streams: Streams, ses: Ses, now: datetime, code: str, text: str
) -> None:
    own = [reset_queued(str(number), now=now) for number in range(5)]
    requests = ses.refuse_all(code, text=text)
    assert message_events.handle({"Records": streams.messages.read()}, clock=lambda: now) == {"batchItemFailures": []}
    assert redrive("demo", now=now + timedelta(minutes=2)) == 0
    assert len(requests) == 2
    ses.fail()
    assert redrive("demo", now=now + timedelta(minutes=4)) == 5
    assert {state(one) for one in own} == {("sent", "")}


@pytest.mark.parametrize("code", ["MailFromDomainNotVerifiedException", "InternalFailure", "NotFoundException"])
def test_what_may_pass_holds_up_nobody_and_is_not_dropped(
    organisation: Organisation, streams: Streams, ses: Ses, now: datetime, code: str
) -> None:
    first, second = reset_queued("1", now=now), reset_queued("2", now=now)
    ses.fail(code)
    assert message_events.handle({"Records": streams.messages.read()}, clock=lambda: now) == {"batchItemFailures": []}
    assert {state(first), state(second)} == {("queued", ""), ("sent", "")}
    assert redrive("demo", now=now + timedelta(minutes=2)) == 1


def test_a_connection_that_had_ended_is_opened_again(organisation: Organisation, ses: Ses, now: datetime) -> None:
    own, faults = reset_queued(now=now), [ConnectionClosedError(endpoint_url="http://ses")]

    def close() -> None:
        if faults:
            raise faults.pop()

    ses.before = close
    assert send("demo", own, now=now) == "sent"


def test_a_reply_that_never_came_counts_as_not_sent(organisation: Organisation, ses: Ses, now: datetime) -> None:
    own = reset_queued(now=now)

    def time_out() -> None:
        raise ReadTimeoutError(endpoint_url="http://ses")

    ses.before = time_out
    with pytest.raises(MailDelayed):
        send("demo", own, now=now)
    assert state(own) == ("queued", "")


def test_what_is_not_verified_yet_is_sent_once_it_is(organisation: Organisation, ses: Ses, now: datetime) -> None:
    """SES says MessageRejected for this too, while its domain is checked or the account is in the sandbox."""
    own = reset_queued(now=now)
    ses.fail("MessageRejected", text="Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: x")
    with pytest.raises(MailDelayed):
        send("demo", own, now=now)
    assert state(own) == ("queued", "")
    assert redrive("demo", now=now + timedelta(days=30)) == 1
    assert state(own) == ("sent", "")


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
def test_a_permanent_refusal_of_ses_ends_the_message(organisation: Organisation, ses: Ses, now: datetime, code: str) -> None:
    own = reset_queued(now=now)
    ses.fail(code)
    assert send("demo", own, now=now) == "failed"
    assert state(own) == ("failed", "refused_by_ses")
    assert redrive("demo", now=now + timedelta(minutes=2)) == 0


def test_an_attempt_that_put_it_back_starts_no_other(organisation: Organisation, streams: Streams, ses: Ses, now: datetime) -> None:
    reset_queued(now=now)
    ses.fail("InternalFailure")
    message_events.handle({"Records": streams.messages.read()}, clock=lambda: now)
    message_events.handle({"Records": streams.messages.read()}, clock=lambda: now)
    assert ses.sent == []


def test_a_failed_message_may_be_queued_again(organisation: Organisation, streams: Streams, ses: Ses, now: datetime) -> None:
    own = reset_queued(now=now)
    ses.fail("MessageRejected")
    streams.drain(now)
    table_requests.update(
        config().messages_table,
        keys.message("demo", own),
        "SET #state = :queued",
        "#state = :failed",
        names={"#state": "state"},
        values={":queued": stored("queued"), ":failed": stored("failed")},
    )
    streams.drain(now)
    assert state(own)[0] == "sent"


def test_the_schedule_sends_messages_older_than_a_minute(organisation: Organisation, ses: Ses, now: datetime) -> None:
    reset_queued("old", to="old@example.org", now=now)
    reset_queued("new", to="new@example.org", now=now + timedelta(seconds=30))
    assert redrive("demo", now=now + timedelta(seconds=61)) == 1
    assert ses.recipients == ["old@example.org"]


def test_the_schedule_calls_and_only_the_mailer_sends(organisation: Organisation, streams: Streams, ses: Ses, now: datetime) -> None:
    reset_queued(now=now)
    streams.messages.read()
    assert not call_for_overdue(now=now + timedelta(seconds=30)).organisations
    later = now + timedelta(minutes=2)
    assert call_for_overdue(now=later).organisations == 1
    assert ses.sent == []
    streams.drain(later)
    assert len(ses.sent) == 1
    assert not call_for_overdue(now=later).organisations


def test_one_that_cannot_be_written_holds_up_none_of_the_schedule(organisation: Organisation, ses: Ses, now: datetime) -> None:
    queue(kind="password_reset", org="demo", to="a@example.org", locale="en", data={}, key="poison", now=now)
    reset_queued(to="ben@example.org", now=now + timedelta(seconds=1))
    assert redrive("demo", now=now + timedelta(minutes=2)) == 1
    assert ses.recipients == ["ben@example.org"]


def test_exactly_what_went_out_is_kept_without_its_secrets(organisation: Organisation, ses: Ses, now: datetime) -> None:
    own = reset_queued(locale="fr", now=now)
    send("demo", own, now=now)
    (request,) = ses.sent
    link = links.password_reset_link("user-1", "nonce-1")
    secret = link.rpartition("/")[2]
    body = request["Content"]["Simple"]["Body"]
    assert body["Text"]["Data"].splitlines()[0] == link
    message = messages.get("demo", own)
    assert message
    assert message.content
    assert message.content.text == body["Text"]["Data"].replace(secret, BLANK)
    assert message.content.html == body["Html"]["Data"].replace(secret, BLANK)
    assert message.content.subject == request["Content"]["Simple"]["Subject"]["Data"]
    assert (message.sent_at, message.ses_id) == (now, "ses-1")


def test_no_row_ever_holds_a_secret(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invited("ana@example.org", now=now)
    reset_queued(now=now)
    seen = []
    read = streams.messages.read
    streams.messages.read = lambda: seen.extend(records := read()) or records  # type: ignore[method-assign, func-returns-value]
    streams.drain(now)
    kept = [messages.message_from(record["dynamodb"]["NewImage"]) for record in seen + read()]
    unsubscribing = links.unsubscribe_token("demo", "ana@example.org")
    resetting = links.password_reset_link("user-1", "nonce-1").rpartition("/")[2]
    assert len([message for message in kept if message.content]) == 2
    assert unsubscribing in ses.texts[0] + ses.texts[1]
    assert resetting in ses.texts[0] + ses.texts[1]
    assert not [message for message in kept if unsubscribing in str(message) or resetting in str(message)]


def member(now: datetime, **wanted: Any) -> StaffMember:
    usual = {
        "org": "demo",
        "user": "u1",
        "email": "b@example.org",
        "name": "Ben",
        "role": "manager",
        "status": "invited",
        "invited_at": now,
    }
    return StaffMember(**{**usual, **wanted})


def staff_queued(now: datetime) -> str:
    data = {"user": "u1", "link_version": 1}
    return queue(kind="staff_invitation", org="demo", to="b@example.org", locale="en", data=data, key="u1#1", now=now)


def test_staff_are_invited_with_their_own_link(organisation: Organisation, ses: Ses, now: datetime) -> None:
    staff.add(member(now))
    assert send("demo", staff_queued(now), now=now) == "sent"
    assert ses.texts[0].splitlines()[0] == links.staff_activation_link("demo", "u1", 1)


@pytest.mark.parametrize(
    ("now_it_is", "reason"),
    [(None, "not_invited_any_more"), ({"status": "active"}, "not_invited_any_more"), ({"link_version": 2}, "link_replaced")],
)
def test_staff_who_need_the_link_no_more_get_none(
    organisation: Organisation, ses: Ses, now: datetime, now_it_is: dict[str, Any] | None, reason: str
) -> None:
    if now_it_is is not None:
        staff.add(member(now, **now_it_is))
    own = staff_queued(now)
    assert send("demo", own, now=now) == "skipped"
    assert state(own) == ("skipped", reason)


def test_a_deleted_subject_is_skipped(organisation: Organisation, ses: Ses, now: datetime) -> None:
    data = {"session": "gone", "invitation": "gone"}
    own = queue(kind="session_invitation", org="demo", to="a@example.org", locale="en", data=data, key="1", now=now)
    assert send("demo", own, now=now) == "skipped"
    assert state(own) == ("skipped", "gone")


def test_only_invitations_can_be_unsubscribed_from(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invitation: Invitation = invited("ana@example.org", now=now)
    reset_queued(now=now)
    streams.drain(now)
    headers = {request["Content"]["Simple"]["Subject"]["Data"]: request["Content"]["Simple"].get("Headers") for request in ses.sent}
    assert headers == {
        "Atelier Lumière invites you to Pottery": [
            {"Name": "Auto-Submitted", "Value": "auto-generated"},
            {"Name": "List-Unsubscribe", "Value": f"<{links.unsubscribe_call(links.unsubscribe_token('demo', invitation.email))}>"},
            {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
        ],
        "Choose a new password": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
    }
