"""Public pages: the list of open sessions, and registration for one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import links, organisations, public_registration, sessions
from chalicelib.operations.registrations import remove_registration, set_billing, transfer
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import BillingStatusInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from chalicelib.tables import booking_context
from chalicelib.tables import organisations as tables
from tests.aws import Demo
from tests.http import call
from tests.pages.browser import Browser

FORM = {"name": "Ana Ortiz", "email": "ana@example.org", "party_size": "2", "participants/0/name": "Zoé", "participants/1/name": "Max"}


def page_of(session: Session) -> str:
    return f"/p/demo/sessions/{session.id}"


def test_the_public_list_shows_sessions_open_for_registration(
    visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    opening = today + timedelta(days=1)
    make_session(title="Open one", spots_total=3)
    make_session(title="Full one", spots_total=0)
    make_session(title="Later one", registration_opens_at=written(opening))
    gone = make_session(title="Cancelled one")
    sessions.cancel_session("demo", gone.id, CancelInput(), by="m", now=today)
    text = visitor.get("/p/demo").text
    assert "Open one" in text
    assert "3 spots free" in text
    assert "Full" in text
    assert "Not open yet" in text
    assert "Cancelled one" not in text


def test_an_organisation_that_offers_nothing_says_so(visitor: Browser, demo_org: Demo) -> None:
    assert "Nothing is open at the moment." in visitor.get("/p/demo").text
    assert visitor.get("/p/nowhere").status == 404


def test_registering_takes_the_spots(visitor: Browser, session: Session, today: datetime) -> None:
    done = visitor.follow(visitor.send(visitor.get(page_of(session)), FORM))
    for words in ("You are registered", "2 spots", "Zoé and Max", "€24.00", "What happens next"):
        assert words in done.text
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 2


def test_the_same_form_sent_twice_registers_once(visitor: Browser, session: Session, today: datetime) -> None:
    page = visitor.get(page_of(session))
    assert visitor.send(page, FORM).headers["location"] == visitor.send(page, FORM).headers["location"]
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 2


def test_mistakes_are_shown_and_nothing_is_lost(visitor: Browser, session: Session, today: datetime) -> None:
    answer = visitor.send(visitor.get(page_of(session)), {**FORM, "email": "ana", "party_size": "0", "name": "A\u202eB"})
    assert answer.status == 422
    assert [name for name in ("email", "party_size", "name") if not answer.described(name)] == []
    assert answer.form().fields["participants/1/name"] == "Max"
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 0


def test_a_repeated_name_is_refused_at_the_second_field(visitor: Browser, session: Session) -> None:
    answer = visitor.send(visitor.get(page_of(session)), {**FORM, "participants/1/name": "zoé"})
    assert (answer.status, answer.described("participants/0/name")) == (422, "")
    assert "This name is there twice." in answer.described("participants/1/name")


def test_a_participant_is_on_a_session_once(visitor: Browser, session: Session) -> None:
    visitor.send(visitor.get(page_of(session)), FORM)
    answer = visitor.send(visitor.get(page_of(session)), FORM)
    assert answer.status == 409
    assert "is registered for this session already" in answer.text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"spots_total": 0}, "Every spot is taken or held."),
        ({"registration_opens_at": "later"}, "Registration opens on"),
        ({"registration_closes_at": "before"}, "Registration has closed."),
    ],
    ids=["full", "upcoming", "closed"],
)
def test_a_session_that_is_not_open_says_why(
    said: dict[str, object], words: str, visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    moments = {"later": written(today + timedelta(days=1)), "before": written(today - timedelta(hours=1))}
    given = {name: moments.get(str(value), value) for name, value in said.items()}
    if "registration_closes_at" in given:
        given["registration_opens_at"] = written(today - timedelta(days=1))
    session = make_session(**given)
    page = visitor.get(page_of(session))
    assert words in page.text
    assert not [form for form in page.forms if form.method == "post"]
    assert visitor.post(page_of(session), FORM).status == 409


def test_the_last_spots_go_to_the_first_booking(visitor: Browser, make_session: Callable[..., Session]) -> None:
    session = make_session(spots_total=2)
    late = visitor.get(page_of(session))
    visitor.send(visitor.get(page_of(session)), FORM)
    answer = visitor.send(late, {**FORM, "email": "ben@example.org"})
    assert answer.status == 409
    assert "Nothing was booked. This session is full. Choose another session or use the waitlist." in answer.text
    waiting = answer.form(page_of(session) + "/waitlist").fields
    assert {"email": "ben@example.org", "spots": "2"}.items() <= waiting.items()


def test_a_booking_needs_its_own_link_and_organisation(visitor: Browser, session: Session, today: datetime) -> None:
    answer = visitor.send(visitor.get(page_of(session)), FORM)
    path = answer.headers["location"]
    assert visitor.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status == 404
    organisations.create("other", "Other", now=today)
    assert visitor.get(path.replace("/b/demo.", "/b/other.")).status == 404


def test_a_cancelled_session_says_so_and_books_nothing(visitor: Browser, session: Session, today: datetime) -> None:
    sessions.cancel_session("demo", session.id, CancelInput(reason="Only for those registered"), by="m", now=today)
    page = visitor.get(page_of(session))
    assert page.status == 200
    assert "This session is cancelled." in page.text
    assert "Only for those registered" not in page.text
    assert not [form for form in page.forms if form.method == "post"]
    assert visitor.post(page_of(session), FORM).status == 404
    assert call("GET", f"/v1/portal/demo/sessions/{session.id}").status == 404


ON_ITS_WAY = "A confirmation is on its way"


@pytest.fixture
def booked(visitor: Browser, session: Session) -> str:
    """The path of the confirmation page of a new registration."""
    return visitor.send(visitor.get(page_of(session)), FORM).headers["location"]


def registration_of(path: str) -> str:
    return links.read_booking_token(path.partition("?")[0].rpartition("/")[2])[1]


def test_a_confirmation_is_announced_only_just_after_booking(visitor: Browser, booked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ON_ITS_WAY in visitor.get(booked).text
    monkeypatch.setattr(public_registration, "JUST_BOOKED", timedelta(minutes=-1))
    assert ON_ITS_WAY not in visitor.get(booked).text


def test_no_confirmation_is_promised_to_a_suppressed_address(visitor: Browser, booked: str, today: datetime) -> None:
    tables.set_unsubscribed("demo", "ana@example.org", unsubscribed=True, now=today)
    assert ON_ITS_WAY in visitor.get(booked).text, "a confirmation leaves to who unsubscribed"
    tables.note_bounce("demo", "ana@example.org", sent_at=today, now=today)
    assert ON_ITS_WAY not in visitor.get(booked).text


@pytest.mark.parametrize("reply_to", ["", "hello@example.org"])
def test_the_organiser_can_be_written_to_only_with_a_reply_address(visitor: Browser, booked: str, reply_to: str) -> None:
    organisations.change("demo", OrganisationChanges(reply_to=reply_to), expected=None)
    assert ("Write to Demo" in visitor.get(booked).text) == bool(reply_to)


def test_a_cancelled_session_is_cancelled_on_the_registration_too(visitor: Browser, booked: str, session: Session, today: datetime) -> None:
    sessions.cancel_session("demo", session.id, CancelInput(reason="Storm <1>"), by="m", now=today)
    page = visitor.get(booked)
    assert "This session is cancelled" in page.text
    assert "Storm <1>" in page.text
    assert not [
        words for words in ("You are registered", ON_ITS_WAY, "will send payment details", "Create an account") if words in page.text
    ]


def test_a_transferred_registration_links_to_its_new_session(
    visitor: Browser, booked: str, make_session: Callable[..., Session], today: datetime
) -> None:
    target = make_session(title="The other one")
    moved = transfer("demo", registration_of(booked), target.id, by="m", key="k", now=today).registration
    page = visitor.get(booked)
    assert "This registration was moved to The other one." in page.text
    assert "taken off the roster" not in page.text
    there = f"/b/{links.booking_token(moved)}"
    assert there in page.html
    assert "You are registered" in visitor.get(there).text


def test_a_removed_registration_says_so(visitor: Browser, booked: str, today: datetime) -> None:
    remove_registration("demo", registration_of(booked), by="m", now=today)
    page = visitor.get(booked)
    assert "taken off the roster" in page.text
    assert "You are registered" not in page.html


def test_a_paid_registration_asks_for_no_payment(visitor: Browser, booked: str, today: datetime) -> None:
    assert "will send payment details" in visitor.get(booked).text
    set_billing("demo", registration_of(booked), BillingStatusInput(status="paid"), by="m", now=today)
    page = visitor.get(booked)
    assert "Paid" in page.text
    assert "will send payment details" not in page.text


def test_in_french(french: Browser, session: Session) -> None:
    assert "5 places libres" in french.get("/p/demo").text.replace("\u00a0", " ")
    page = french.get(page_of(session))
    assert "Combien de places" in page.text
    assert "Inscription confirmée" in french.follow(french.send(page, FORM)).text


def test_unsubscribing_is_a_button_that_may_be_pressed_from_anywhere(visitor: Browser, demo_org: Demo) -> None:
    path = f"/unsubscribe/{links.unsubscribe_token('demo', 'ana@example.org')}"
    page = visitor.get(path)
    assert "Unsubscribe?" in page.text
    assert "ana@example.org" not in page.html
    assert "Unsubscribe?" in visitor.get(path).text
    assert "You are unsubscribed" in visitor.post(path, {}, Origin="https://mail.example").text
    undo = visitor.send(visitor.get(path), {}, action=f"{path}/undo")
    assert "Unsubscribe?" in undo.text
    assert visitor.get(f"{path}x").status == 404


def test_names_drive_the_number_once_the_new_total_was_shown(visitor: Browser, session: Session) -> None:
    asked = visitor.send(visitor.get(page_of(session)), {**FORM, "party_size": "1"})
    assert asked.status == 409
    assert "Check the new total" in asked.text
    assert "€24.00" in asked.text
    assert asked.form(page_of(session)).fields["party_size"] == "2"
    assert visitor.send(asked, {}).status == 303
    assert spots_of(session) == 2


def test_a_form_that_showed_no_total_books_as_many_spots_as_names(visitor: Browser, session: Session) -> None:
    assert visitor.post(page_of(session), {**FORM, "party_size": "1"}).status == 303
    assert spots_of(session) == 2


def test_more_names_bring_more_fields(visitor: Browser, session: Session) -> None:
    names = {f"participants/{index}/name": f"Child {index}" for index in range(3)}
    page = visitor.send(visitor.get(page_of(session)), {**FORM, **names, "party_size": "1", "show": "price"})
    assert "participants/3/name" in page.form(page_of(session)).fields
    assert "€36.00" in page.text


def spots_of(session: Session) -> int:
    return booking_context.roster("demo", session.id).registrations[0].party_size


def test_a_consent_is_a_box_to_tick_and_asked_for_at_its_field(
    visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    session = make_session(questions=[{"id": "photos", "label": "You may take photos.", "kind": "consent"}])
    page = visitor.get(page_of(session))
    refused = visitor.send(page, FORM)
    assert refused.status == 422
    assert "Tick the box to agree." in refused.described("answers/photos")
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 0
    assert visitor.follow(visitor.send(refused, {**FORM, "answers/photos": "true"})).status == 200
    (made,) = booking_context.roster("demo", session.id).registrations
    assert [consent.wording for consent in made.consents] == ["You may take photos."]


def test_staff_see_the_consent_with_its_date_or_that_it_is_open(
    visitor: Browser, manager: Browser, make_session: Callable[..., Session]
) -> None:
    session = make_session(questions=[{"id": "photos", "label": "You may take photos.", "kind": "consent"}])
    visitor.send(visitor.get(page_of(session)), {**FORM, "answers/photos": "true"})
    (made,) = booking_context.roster("demo", session.id).registrations
    page = manager.get(f"/o/demo/registrations/{made.public_id}")
    assert "Agreed on" in page.text
    answers = manager.get(f"/o/demo/registrations/{made.public_id}/answers")
    assert "You can leave this open until they have agreed" in answers.text
    manager.send(answers, {"answers/photos": ""})
    assert "Not agreed yet" in manager.get(f"/o/demo/registrations/{made.public_id}").text


NUTS = {"id": "nuts", "label": "Allergies?", "kind": "text", "required": True, "per": "participant"}


def test_each_participant_is_asked_and_a_fault_is_at_the_field_that_was_typed(
    visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    session = make_session(questions=[NUTS])
    form = {**FORM, "participants/1/name": "", "participants/2/name": "Max", "participants/0/answers/nuts": "none"}
    refused = visitor.send(visitor.get(page_of(session)), form)
    assert refused.status == 422
    assert refused.described("participants/2/answers/nuts") == "Please answer this question."
    assert "Max · Allergies?" in refused.text
    assert refused.form().fields["participants/0/answers/nuts"].strip() == "none"
    assert visitor.follow(visitor.send(refused, {**form, "participants/2/answers/nuts": "milk"})).status == 200
    (made,) = booking_context.roster("demo", session.id).registrations
    assert [made.answers_at(place)["nuts"] for place in (0, 1)] == ["none", "milk"]


def test_staff_edit_the_answers_of_each_and_add_a_child_with_answers(
    visitor: Browser, manager: Browser, make_session: Callable[..., Session]
) -> None:
    session = make_session(questions=[NUTS], spots_total=5)
    form = {**FORM, "participants/0/answers/nuts": "none", "participants/1/answers/nuts": "milk"}
    visitor.send(visitor.get(page_of(session)), form)
    (made,) = booking_context.roster("demo", session.id).registrations
    own = f"/o/demo/registrations/{made.public_id}"
    assert manager.send(manager.get(f"{own}/answers"), {"participants/1/answers/nuts": "eggs"}).status == 303
    more = {"party_size": "3", "participants/2/name": "Lou"}
    refused = manager.send(manager.get(f"{own}/party"), more)
    assert refused.described("participants/2/answers/nuts") == "Please answer this question."
    assert manager.send(manager.get(f"{own}/party"), {**more, "participants/2/answers/nuts": "wasps"}).status == 303
    (made,) = booking_context.roster("demo", session.id).registrations
    assert [made.answers_at(place)["nuts"] for place in (0, 1, 2)] == ["none", "eggs", "wasps"]
    assert "wasps" in manager.get(own).text


def test_answers_about_people_who_were_changed_meanwhile_are_not_written(
    visitor: Browser, manager: Browser, make_session: Callable[..., Session]
) -> None:
    session = make_session(questions=[NUTS])
    visitor.send(visitor.get(page_of(session)), {**FORM, "participants/0/answers/nuts": "none", "participants/1/answers/nuts": "milk"})
    (made,) = booking_context.roster("demo", session.id).registrations
    own = f"/o/demo/registrations/{made.public_id}"
    stale = manager.get(f"{own}/answers")
    manager.send(manager.get(f"{own}/party"), {"participants/0/name": "Max", "participants/1/name": "Zoé"})
    assert manager.send(stale, {"participants/1/answers/nuts": "eggs"}).status == 412


def test_the_date_of_birth_is_asked_where_ages_matter_and_the_child_is_named(
    visitor: Browser, french: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    session = make_session(min_age=6, max_age=9)
    page = visitor.get(page_of(session))
    assert "Ages 6–9" in page.text
    assert "Ages 6–9" in visitor.get("/p/demo").text
    seven, five = (str(today.year - years - 1) + "-01-01" for years in (7, 4))
    form = {**FORM, "participants/0/date_of_birth": seven, "participants/1/date_of_birth": five}
    refused = visitor.send(page, form)
    assert refused.status == 422
    assert "Max is" in refused.described("participants/1/date_of_birth")
    assert "This session is for ages 6–9." in refused.described("participants/1/date_of_birth")
    missing = french.send(french.get(page_of(session)), FORM)
    assert missing.described("participants/0/date_of_birth") == "Indiquez la date de naissance de Zoé."
    done = visitor.send(page, {**form, "participants/1/date_of_birth": seven})
    assert visitor.follow(done).status == 200
    (made,) = booking_context.roster("demo", session.id).registrations
    assert [made.details_at(place).date_of_birth for place in (0, 1)] == [seven, seven]


def test_staff_are_asked_about_an_age_that_does_not_fit(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    session = make_session(min_age=6, max_age=9)
    page = manager.get(f"/o/demo/sessions/{session.id}/add")
    new = {"new_customer/name": "Ana", "new_customer/email": "ana@example.org", "participants/0/name": "Max"}
    asked = manager.send(page, {**new, "participants/0/date_of_birth": f"{today.year - 4}-01-01"})
    assert asked.status == 409
    assert "Age on the first date: Max 4. Add them anyway?" in asked.text
    assert manager.send(asked, {"confirm_age": "true"}).status == 303
    (made,) = booking_context.roster("demo", session.id).registrations
    assert made.participants == ("Max",)
