"""R21: the page of a booking says what is so, in each state, and what a change means before it is made. Without JavaScript."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import invoices, links, organisations
from chalicelib.operations.registrations import correct_contact, register, set_billing
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.roster import BillingStatusInput, ContactChanges
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from chalicelib.tables import organisations as rows
from chalicelib.tables import registrations
from chalicelib.web import call as web_call
from tests.api.tenants import MovedClock
from tests.pages.browser import Browser

Make = Callable[..., Session]
SIZE = {"label": "Size", "kind": "choice", "options": ["S", "M"], "required": True}


def offer(**wanted: Any) -> None:
    organisations.change("demo", OrganisationChanges.model_validate(wanted), expected=None)


@pytest.fixture
def booked(make_session: Make, today: datetime) -> Registration:
    """Two children on Judo, in a week, with an answer; families cancel until a day before."""
    session = make_session(tags=["sport"], questions=[SIZE], cancel_until_hours=24)
    people = [ParticipantInput(name=name) for name in ("Zoé", "Léo")]
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=people, answers={session.questions[0].id: "S"})
    return register("demo", session.id, draft, locale="en", key="k", now=today).registration


def path_of(registration: Registration) -> str:
    return f"/b/{links.booking_token(registration)}"


def stands(registration: Registration) -> Registration:
    return registrations.get("demo", registration.session, registration.id)


def test_a_family_cancels(visitor: Browser, booked: Registration) -> None:
    path = path_of(booked)
    page = visitor.get(path)
    assert "You may cancel here until" in page.text
    assert f"{path}/cancel" in page.links
    question = visitor.get(f"{path}/cancel")
    assert "Your 2 spots become free for others, at once. You pay nothing. An e-mail to ana@example.org confirms it" in question.text
    done = visitor.follow(visitor.send(question, {}))
    assert done.path == path
    assert "You cancelled this booking on" in done.text
    assert "There is nothing to pay." in done.text
    assert not [words for words in ("You are registered", "taken off the roster", "Show this code") if words in done.text]
    assert not [form for form in done.forms if form.method == "post"]
    again = visitor.send(question, {})
    assert again.status == 303, "the same form, sent twice"
    late = visitor.get(f"{path}/cancel")
    assert (late.status, "has ended already" in late.text) == (409, True)


def test_a_family_corrects_names_and_answers_and_gives_spots_back(visitor: Browser, booked: Registration) -> None:
    path = path_of(booked)
    form = visitor.get(f"{path}/edit")
    question = f"answers/{stands(booked).answers[0][0]}"
    assert (form.form().fields["participants/1/name"], form.form().fields[question], form.form().fields["party_size"]) == ("Léo", "S", "2")
    done = visitor.follow(visitor.send(form, {"participants/0/name": "Zoë", question: "M"}))
    assert "Saved. Your booking is as you see it here." in done.text
    assert "Zoë and Léo" in done.text
    refused = visitor.send(visitor.get(f"{path}/edit"), {"party_size": "1"})
    assert refused.status == 422
    assert "more names than your 1 spots" in refused.described("party_size")
    done = visitor.follow(visitor.send(refused, {"party_size": "1", "participants/0/name": ""}))
    assert (stands(booked).participants, stands(booked).party_size) == (("Léo",), 1)
    assert "1 spot" in done.text
    assert "€12.00" in done.text
    assert "party_size" not in visitor.get(f"{path}/edit").form().fields


def test_a_family_moves(visitor: Browser, booked: Registration, make_session: Make, today: datetime) -> None:
    path = path_of(booked)
    assert f"{path}/move" not in visitor.get(path).links
    assert visitor.get(f"{path}/move").status == 409
    offer(self_service_moves=True)
    assert "No other session has room" in visitor.get(f"{path}/move").text
    other = make_session(title="Aikido", tags=["sport"])
    question = visitor.get(f"{path}/move")
    assert "Your price of €24.00 stays as it is" in question.text
    assert "Choose one of the sessions." in visitor.send(question, {}).text
    done = visitor.follow(visitor.send(question, {"to_session": other.id}))
    assert "Your booking has moved." in done.text
    assert "Aikido" in done.text
    old = visitor.get(path)
    assert "This registration was moved to Aikido." in old.text
    assert done.path.partition("?")[0] in old.links
    correct_contact(
        "demo", links.read_booking_token(done.path.removeprefix("/b/"))[1], ContactChanges(email="right@example.org"), now=today
    )
    assert [link for link in visitor.get(path).links if link.startswith("/b/")] == [], "this link went to the wrong address"


def invoiced(booked: Registration, now: datetime) -> None:
    invoices.issue(booked, by="m", now=now)


def billed(status: str) -> Callable[[Registration, datetime], object]:
    step = BillingStatusInput.model_validate({"status": status})
    return lambda booked, now: set_billing("demo", booked.public_id, step, by="m", now=now)


def nothing(_booked: Registration, _now: datetime) -> None:
    """Leave it unpaid."""


MONEY = [
    (nothing, "You pay nothing.", "There is nothing to pay."),
    (invoiced, "-0001 is cancelled by a credit note, and you pay nothing.", "There is nothing to pay."),
    (billed("paid"), "You paid €24.00. Demo decides what you get back", "Demo decides what you get back of what you paid"),
    (billed("refunded"), "What you paid was refunded already.", "What you paid was refunded."),
]


@pytest.mark.parametrize(("before", "said", "says_after"), MONEY, ids=["unpaid", "invoiced", "paid", "refunded"])
def test_what_a_cancellation_means_for_the_money_is_said_before_and_after(
    visitor: Browser, booked: Registration, today: datetime, before: Callable[[Registration, datetime], object], said: str, says_after: str
) -> None:
    before(booked, today)
    question = visitor.get(f"{path_of(booked)}/cancel")
    assert said in question.text
    done = visitor.follow(visitor.send(question, {}))
    assert says_after in done.text


def test_the_dates_of_a_long_course_stay_out_of_the_way(visitor: Browser, make_session: Make, today: datetime) -> None:
    starts = [today + timedelta(days=number) for number in range(2, 8)]
    meetings = [{"starts_at": written(at), "ends_at": written(at + timedelta(hours=1))} for at in starts]
    session = make_session(meetings=meetings, cancel_until_hours=1)
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Zoé")])
    made = register("demo", session.id, draft, locale="en", key="k", now=today).registration
    assert "All 6 dates" in visitor.get(f"{path_of(made)}/cancel").text


def test_no_e_mail_is_promised_to_who_cannot_be_reached(visitor: Browser, booked: Registration, today: datetime) -> None:
    rows.note_bounce("demo", "ana@example.org", sent_at=today, now=today)
    assert "An e-mail to" not in visitor.get(f"{path_of(booked)}/cancel").text


@pytest.mark.parametrize(
    ("hours", "says", "offers"),
    [
        (24, "You may cancel here until", ["edit", "cancel"]),
        (24 * 8, "You could cancel here until", ["edit"]),
        (None, "Can’t make it? Write to Demo: hello@demo.test", ["edit"]),
    ],
)
def test_the_page_says_until_when_or_whom_to_ask(
    visitor: Browser, make_session: Make, today: datetime, hours: int | None, says: str, offers: list[str]
) -> None:
    offer(reply_to="hello@demo.test")
    session = make_session(cancel_until_hours=hours)
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Zoé")])
    made = register("demo", session.id, draft, locale="en", key="k", now=today).registration
    page, path = visitor.get(path_of(made)), path_of(made)
    assert says in page.text
    assert [name for name in ("edit", "cancel", "move") if f"{path}/{name}" in page.links] == offers
    question = visitor.get(f"{path}/cancel")
    assert question.status == (200 if "cancel" in offers else 409)
    assert "cancel" in offers or "Write to Demo" in question.text
    assert visitor.post(f"{path}/cancel", {"key": "k"}).status == (303 if "cancel" in offers else 409)


def test_a_booking_that_is_over_offers_nothing(visitor: Browser, booked: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(booked)
    monkeypatch.setattr(web_call, "datetime", MovedClock)
    monkeypatch.setattr(MovedClock, "ahead", timedelta(days=8))
    page = visitor.get(path)
    assert "You were registered" in page.text
    assert not [name for name in ("edit", "cancel", "move", "calendar") if f"{path}/{name}" in page.links]
    assert visitor.get(f"{path}/edit").status == 409


def test_two_who_change_a_booking_at_once_see_both_versions(visitor: Browser, manager: Browser, booked: Registration) -> None:
    path, office = f"{path_of(booked)}/edit", f"/o/demo/registrations/{booked.public_id}"
    family, staff = visitor.get(path), manager.get(f"{office}/party")
    assert manager.send(staff, {"participants/0/name": "Zoë"}).status == 303
    told = visitor.send(family, {"participants/1/name": "Leon"})
    assert told.status == 412
    assert "Somebody changed this while you were editing it." in told.text
    assert "Saved meanwhile: Zoë" in told.text
    assert stands(booked).participants == ("Zoë", "Léo")
    assert visitor.send(told, {"participants/0/name": "Zoë"}).status == 303
    assert stands(booked).participants == ("Zoë", "Leon")


def test_a_change_that_is_sent_twice_is_no_conflict(visitor: Browser, booked: Registration) -> None:
    form = visitor.get(f"{path_of(booked)}/edit")
    for _ in range(2):
        assert visitor.send(form, {"participants/1/name": "Leon"}).status == 303
    assert stands(booked).participants == ("Zoé", "Leon")


@pytest.mark.parametrize(
    ("page", "field", "mine", "theirs"),
    [
        ("contact", "phone", "+33 1", "+33 2"),
        ("party", "participants/0/name", "Zoë", "Zora"),
        ("answers", "answers/{question}", "S", "M"),
    ],
)
def test_two_of_the_staff_see_both_versions(
    as_role: Callable[[str], Browser], booked: Registration, page: str, field: str, mine: str, theirs: str
) -> None:
    path, field = f"/o/demo/registrations/{booked.public_id}/{page}", field.format(question=booked.answers[0][0])
    browsers = [as_role(role) for role in ("manager", "owner")]
    first, second = (browser.get(path) for browser in browsers)
    assert browsers[0].send(first, {field: theirs}).status == 303
    told = browsers[1].send(second, {field: mine})
    assert (told.status, f"Saved meanwhile: {theirs}" in told.text) == (412, True)
    assert browsers[1].send(told, {}).status == 303
    assert browsers[1].get(path).form().fields[field] == mine
