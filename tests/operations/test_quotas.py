"""Quotas: what is over them is refused in a sentence or waits until tomorrow, and what families do is never refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import customers, messages, organisations, registrations, sessions
from chalicelib.operations.customers.from_registration import ensure_customer
from chalicelib.operations.messages import mail_roster
from chalicelib.operations.sessions import create_series
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.new_sessions import RepeatedSessionInput
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.messages import MailDelayed
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.quotas import Quotas, TooManyCustomers, TooManyMails, TooManySessions
from chalicelib.rules.sessions import Session
from chalicelib.tables import organisations as stored
from chalicelib.tables import quotas, usage
from tests.api.bodies import session_body
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker, join

Open = Callable[..., Session]
TEXT = RosterMessageInput(registrations="all", subject="Bring a towel", text="Dear all")


def customer(name: str, now: datetime) -> str:
    return customers.create_customer("demo", CustomerInput(name=name, email=f"{name}@example.org"), key=name, now=now).id


def session(key: str, now: datetime, **more: Any) -> Session:
    return sessions.create_session("demo", SessionInput.model_validate(session_body(**more)), key=key, now=now).session


@pytest.mark.usefixtures("organisation")
def test_a_customer_over_the_quota_is_refused_until_there_is_room(now: datetime) -> None:
    """Those from before the quota was set count."""
    first = customer("ana", now)
    organisations.set_quotas("demo", Quotas(customers=2))
    customer("ben", now)
    customer("ben", now)  # A retry finds what it made, also at the quota.
    with pytest.raises(TooManyCustomers) as refused:
        customer("cleo", now)
    assert "may have 2 customers" in refused.value.sentence % refused.value.data()
    customers.delete_customer("demo", first, expected=None, now=now)
    customer("cleo", now)
    organisations.set_quotas("demo", Quotas(customers=1))
    with pytest.raises(TooManyCustomers):
        customer("dan", now)
    organisations.set_quotas("demo", Quotas())
    customer("dan", now)


def test_a_family_that_books_becomes_a_customer_over_the_quota_and_counts(open_session: Open, now: datetime) -> None:
    open_session()
    customer("ana", now)
    organisations.set_quotas("demo", Quotas(customers=2))
    for name in ("ben", "cleo"):
        ensure_customer(registrations.read_registration("demo", join("s1", f"{name}@example.org", name, now=now))[0], now=now)
    assert quotas.counted("demo", "customers") == 3
    with pytest.raises(TooManyCustomers):
        customer("dan", now)


@pytest.mark.usefixtures("organisation")
def test_a_session_over_the_quota_is_refused_and_a_series_as_a_whole(now: datetime) -> None:
    made = session("a", now)
    organisations.set_quotas("demo", Quotas(sessions=3))
    body = session_body(repeat={"every": 1, "times": 3, "as": "series"})
    with pytest.raises(TooManySessions):
        create_series("demo", RepeatedSessionInput.model_validate(body), key="s", now=now)
    assert usage.count_sessions("demo") == 1
    session("b", now)
    session("c", now)
    session("c", now)
    with pytest.raises(TooManySessions):
        session("d", now)
    sessions.delete_session("demo", made.id)
    session("d", now)


def test_an_e_mail_over_the_quota_of_the_day_leaves_tomorrow(streams: Streams, ses: Ses, open_session: Open, now: datetime) -> None:
    open_session(spots_total=40)
    organisations.set_quotas("demo", Quotas(mails_a_day=2))
    for name in ("ana", "ben", "cleo"):
        registration = join("s1", f"{name}@example.org", name, now=now)
        messages.queue(
            kind="confirmation", org="demo", to=f"{name}@example.org", locale="en", key=name, now=now,
            data={"session": "s1", "registration": registration.partition("-")[2]},
        )  # fmt: skip
    streams.drain(now)
    assert len(ses.sent) == 2
    assert messages.call_for_overdue(now=now + timedelta(minutes=5)).organisations == 0, "what waits until tomorrow is not called for"
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0)
    assert messages.dispatch(now=tomorrow - timedelta(seconds=1), leaves_at=now) == 0
    messages.dispatch(now=tomorrow, leaves_at=tomorrow)
    streams.drain(tomorrow)
    assert len(ses.sent) == 3
    assert usage.mails_today("demo", now=tomorrow).sent == 1


def test_an_e_mail_that_ses_did_not_take_is_not_counted(ses: Ses, open_session: Open, now: datetime) -> None:
    registration = join(open_session().id, "ana@example.org", now=now)
    organisations.set_quotas("demo", Quotas(mails_a_day=1))
    data = {"session": "s1", "registration": registration.partition("-")[2]}
    id = messages.queue(kind="confirmation", org="demo", to="ana@example.org", locale="en", key="k", now=now, data=data)
    ses.fail("TooManyRequestsException")
    with pytest.raises(MailDelayed):
        messages.send("demo", id, now=now)
    assert usage.mails_today("demo", now=now).sent == 0
    assert messages.send("demo", id, now=now) == "sent"
    assert usage.mails_today("demo", now=now).sent == 1


def test_a_mailing_to_more_than_are_left_today_is_refused(open_session: Open, streams: Streams, worker: Worker, now: datetime) -> None:
    open_session(spots_total=40)
    for name in ("ana", "ben"):
        join("s1", f"{name}@example.org", now=now)
    organisations.set_quotas("demo", Quotas(mails_a_day=3))
    usage.count_mails("demo", now=now, sent=2)
    with pytest.raises(TooManyMails) as refused:
        mail_roster("demo", "s1", TEXT, by="owner@demo.test", key="k", now=now)
    assert "3 e-mails a day, and 1 are left today" in refused.value.sentence % refused.value.data()
    tomorrow = now + timedelta(days=1)
    job = mail_roster("demo", "s1", TEXT, by="owner@demo.test", key="k", now=tomorrow)
    usage.count_mails("demo", now=tomorrow, sent=3)
    assert mail_roster("demo", "s1", TEXT, by="owner@demo.test", key="k", now=tomorrow) == job, "a retry is not refused"


def test_quotas_survive_a_change_of_the_settings_and_are_none_for_older_rows(organisation: Organisation) -> None:
    assert stored.get("demo").quotas == Quotas()
    organisations.set_quotas("demo", Quotas(mails_a_day=5, sessions=0))
    from chalicelib.rules.inputs.organisations import OrganisationChanges

    organisations.change("demo", OrganisationChanges(name="Other"), expected=None)
    assert stored.get("demo").quotas == Quotas(mails_a_day=5, sessions=0)
