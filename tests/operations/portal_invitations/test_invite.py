"""Inviting customers to the portal: one, many, again; statuses move by what was really sent."""

import random
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.events import messages as message_events
from chalicelib.operations import jobs, portal_invitations
from chalicelib.operations.messages import read_message
from chalicelib.rules.groups import Group
from chalicelib.rules.jobs import Job
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.portal_invitations import Audience, PortalInvitationAccepted
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import clock, customers, organisations
from tests.operations.messages.test_email_preferences import suppress, unsubscribe
from tests.operations.sample_customers import accept, carried, everybody, invited_again, known, link_of, mail_to
from tests.operations.simulated_aws import Clock, Ses, Streams, in_threes_and_shuffled
from tests.operations.simulated_queue import Worker
from tests.samples import MEMBER

pytestmark = pytest.mark.usefixtures("organisation")


def test_who_is_invited_gets_a_link_and_is_invited_once_it_was_sent(worker: Worker, streams: Streams, ses: Ses, now: datetime) -> None:
    (own,) = known(1, now=now)
    invited_again(own, now=now)
    worker.work()
    assert customers.get("demo", own).status == "added", "nothing was sent yet"
    streams.drain(now)
    streams.drain(now)
    customer = customers.get("demo", own)
    assert (customer.status, customer.invitations, customer.invited_at) == ("invited", 1, now)
    assert customer.remind_at == now + timedelta(days=3)
    assert ses.subjects == ["Portal Invitation"]
    assert ses.texts[0].splitlines()[0] == link_of(own)
    assert "Join Our Portal" in ses.texts[0]
    simple = ses.sent[0]["Content"]["Simple"]
    headers = {header["Name"]: header["Value"] for header in simple["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = re.search(r"http\S+/unsubscribe/\S+", simple["Body"]["Text"]["Data"])
    assert page
    assert headers["List-Unsubscribe"].strip("<>").endswith(page[0].rpartition("/")[2])


def test_the_stored_content_has_no_working_link(worker: Worker, streams: Streams, ses: Ses, now: datetime) -> None:
    (own,) = known(1, now=now)
    invited_again(own, now=now)
    carried(worker, streams, now)
    (message,) = mail_to(own)
    content = read_message("demo", message.id, by=MEMBER).content
    assert content
    assert link_of(own).rpartition("/")[2] not in content.text + content.html
    assert "/unsubscribe/•••" in content.text


def test_whoever_is_invited_again_gets_a_newer_link_and_the_older_is_dead(
    worker: Worker, streams: Streams, ses: Ses, now: datetime
) -> None:
    (own,) = known(1, now=now)
    invited_again(own, now=now)
    carried(worker, streams, now)
    later = now + timedelta(days=2)
    invited_again(own, now=later, key="again")
    carried(worker, streams, later)
    first, second = (text.splitlines()[0] for text in ses.texts)
    assert first != second == link_of(own)
    customer = customers.get("demo", own)
    assert (customer.invitations, customer.invited_at, customer.remind_at) == (2, later, later + timedelta(days=3))


def test_an_accepted_customer_is_not_invited_again(worker: Worker, now: datetime) -> None:
    (own,) = known(1, now=now)
    accept(own)
    with pytest.raises(PortalInvitationAccepted):
        invited_again(own, now=now)
    with pytest.raises(NotFound):
        invited_again("nobody", now=now)
    job = everybody(now)
    worker.work()
    assert (jobs.read_job("demo", job).total, mail_to(own)) == (0, [])
    assert jobs.read_job("demo", job).data["skipped"] == {"already_accepted": 1}


def test_everybody_is_sorted_with_reasons(now: datetime, worker: Worker, streams: Streams, ses: Ses) -> None:
    owns = known(6, now=now)
    accept(owns[0])
    suppress("c1@example.org")
    unsubscribe("C2@example.org", now)
    invited_again(owns[3], now=now)
    carried(worker, streams, now)
    sorting = portal_invitations.check_audience("demo", Audience(), now=now + timedelta(hours=2))
    assert sorted(sorting.recipients) == owns[3:]
    assert {one.customer.id: one.reason for one in sorting.skipped} == {
        "c0": "already_accepted",
        "c1": "suppressed",
        "c2": "unsubscribed",
    }
    assert sorting.reasons == {"already_accepted": 1, "suppressed": 1, "unsubscribed": 1}
    assert (sorting.total, sorting.invited_today) == (6, 1)
    tomorrow = now.replace(hour=23, minute=30)
    assert portal_invitations.check_audience("demo", Audience(), now=tomorrow).invited_today == 0, "it is tomorrow in Paris"


def test_a_group_or_some_statuses(now: datetime, worker: Worker, streams: Streams, ses: Ses) -> None:
    owns = known(3, now=now)
    for group in ("g1", "g2", "g3"):
        customers.create_group(Group("demo", group, group, now))
    was = customers.get("demo", owns[0])
    customers.save(replace(was, groups=("g1", "g2")), was=was)
    invited_again(owns[1], now=now)
    carried(worker, streams, now)
    accept(owns[2])

    def chosen(**wanted: object) -> list[str]:
        return sorted(portal_invitations.check_audience("demo", Audience(**wanted), now=now).recipients)  # type: ignore[arg-type]

    assert chosen(group="g2") == ["c0"]
    assert chosen(group="g3") == []
    assert chosen(statuses=("added",)) == ["c0"]
    assert chosen(statuses=("added", "invited")) == ["c0", "c1"]
    assert chosen(statuses=("accepted",)) == []


def test_a_job_reaches_everybody_once_and_each_has_a_link_of_their_own(worker: Worker, streams: Streams, ses: Ses, now: datetime) -> None:
    owns = known(120, now=now)
    job = everybody(now)
    assert everybody(now) == job, "a retry is the same job"
    carried(worker, streams, now)
    done = jobs.read_job("demo", job)
    assert (done.kind, done.status, done.done, done.failures) == ("portal_invitations", "done", 120, ())
    assert sorted(ses.recipients) == sorted(f"{own}@example.org" for own in owns)
    assert {text.splitlines()[0] for text in ses.texts} == {link_of(own) for own in owns}


def test_who_accepts_unsubscribes_or_bounces_meanwhile_is_withheld(worker: Worker, streams: Streams, ses: Ses, now: datetime) -> None:
    owns = known(4, now=now)
    job = everybody(now)
    accept(owns[0])
    worker.work()
    accept(owns[1])
    unsubscribe("c2@example.org", now)
    suppress("c3@example.org")
    streams.drain(now)
    assert ses.sent == []
    assert [(failure.item, failure.reason) for failure in jobs.read_job("demo", job).failures] == [("c0", "already_accepted")]
    assert mail_to("c0") == []
    assert {own: (mail_to(own)[0].state, mail_to(own)[0].reason) for own in owns[1:]} == {
        "c1": ("skipped", "already_accepted"),
        "c2": ("suppressed", "unsubscribed"),
        "c3": ("suppressed", "suppressed"),
    }
    assert {customers.get("demo", own).status for own in owns[2:]} == {"added"}


def test_two_jobs_at_once_leave_one_link_that_works(worker: Worker, streams: Streams, ses: Ses, now: datetime) -> None:
    (own,) = known(1, now=now)
    for key in ("one", "two"):
        everybody(now, key)
    carried(worker, streams, now)
    assert [message.state for message in mail_to(own)].count("sent") == len(ses.sent) >= 1
    assert ses.texts[-1].splitlines()[0] == link_of(own)


def test_what_follows_from_a_sent_message_is_noted_once_in_any_order(worker: Worker, streams: Streams, ses: Ses, now: datetime) -> None:
    (own,) = known(1, now=now)
    later = now + timedelta(days=2)
    for moment in (now, later):
        invited_again(own, now=moment, key=str(moment))
        worker.work()
        message_events.handle({"Records": streams.messages.read()}, clock=Clock(moment))
    told = streams.messages.read()
    shuffled = list(in_threes_and_shuffled(told, random.Random(1)))
    assert message_events.handle({"Records": shuffled}, clock=lambda: later) == {"batchItemFailures": []}
    customer = customers.get("demo", own)
    assert (customer.invitations, customer.invited_at, customer.remind_at) == (2, later, later + timedelta(days=3))


def test_an_acceptance_before_the_note_is_kept(worker: Worker, streams: Streams, ses: Ses, now: datetime) -> None:
    (own,) = known(1, now=now)
    invited_again(own, now=now)
    worker.work()
    message_events.handle({"Records": streams.messages.read()}, clock=lambda: now)
    accept(own)
    streams.drain(now)
    customer = customers.get("demo", own)
    assert (customer.status, customer.invitations, customer.remind_at) == ("accepted", 1, None)
    assert clock.due("portal", until="9") == []


def test_an_unknown_customer_is_reported_as_gone(worker: Worker, organisation: Organisation, now: datetime) -> None:
    job = Job("demo", "j", "portal_invitations", 1, "", now, now)
    assert [failure.reason for failure in portal_invitations.queue_invitations(job, ["nobody"], now)] == ["gone"]
    assert organisations.get("demo") == organisation
