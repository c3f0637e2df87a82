"""Answers, consents and ages on the forms of the public and of staff."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.operations import sessions
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context
from tests.pages.browser import Browser
from tests.pages.test_public_registration import FORM, page_of


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
    assert [made.answers_at(index)["nuts"] for index in (0, 1)] == ["none", "milk"]


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
    assert [made.answers_at(index)["nuts"] for index in (0, 1, 2)] == ["none", "eggs", "wasps"]
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


def born(years: int, session: Session) -> str:
    """Return the date of birth of a child of this age on the first date, some months from a birthday."""
    return (session.meetings[0].starts_at - timedelta(days=365 * years + 200)).date().isoformat()


def test_the_date_of_birth_is_asked_where_ages_matter_and_the_child_is_named(
    visitor: Browser, french: Browser, make_session: Callable[..., Session]
) -> None:
    session = make_session(min_age=6, max_age=9)
    page = visitor.get(page_of(session))
    assert "Ages 6–9" in page.text
    assert "Ages 6–9" in visitor.get("/p/demo").text
    seven, five = born(7, session), born(5, session)
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
    assert [made.details_at(index).date_of_birth for index in (0, 1)] == [seven, seven]


def test_staff_are_asked_about_an_age_that_does_not_fit(manager: Browser, make_session: Callable[..., Session]) -> None:
    session = make_session(min_age=6, max_age=9)
    page = manager.get(f"/o/demo/sessions/{session.id}/add")
    new = {"new_customer/name": "Ana", "new_customer/email": "ana@example.org", "participants/0/name": "Max"}
    question = manager.send(page, {**new, "participants/0/date_of_birth": born(4, session)})
    assert question.status == 409
    assert "Age on the first date: Max 4. Add them anyway?" in question.text
    assert manager.send(question, {"confirm_age": "true"}).status == 303
    (made,) = booking_context.roster("demo", session.id).registrations
    assert made.participants == ("Max",)
