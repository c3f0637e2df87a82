"""Actions on the registrations that are ticked on a roster, as they work without JavaScript."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import registrations, sessions
from chalicelib.rules.inputs.roster import AddInput, BillingStatusInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser, Page

Add = Callable[..., Registration]


@pytest.fixture
def add(session: Session, today: datetime) -> Add:
    def added(name: str, **more: object) -> Registration:
        said = {"new_customer": {"name": f"{name} Roy", "email": f"{name.lower()}@example.org"}, "participants": [{"name": name}], **more}
        draft = AddInput.model_validate(said)
        return registrations.add("demo", session.id, draft, by="manager@demo.test", key=name, now=today).registration

    return added


def ticked(manager: Browser, session: Session, action: str, *chosen: Registration, **more: str) -> Page:
    """Tick registrations on the roster and press a button of the bar."""
    page = manager.get(f"/o/demo/sessions/{session.id}")
    fields = {**page.form_named("selected").fields, **{f"to/{one.public_id}": "true" for one in chosen}, **more}
    path = f"/o/demo/sessions/{session.id}/{'write' if action == 'write' else f'selected/{action}'}"
    assert f'formaction="{path}"' in page.html
    return manager.post(path, fields)


def billing(registration: Registration) -> str:
    return registrations.read_registration("demo", registration.public_id)[0].billing


def test_several_are_marked_as_paid_after_a_question_and_undone(manager: Browser, session: Session, add: Add) -> None:
    ada, ben, cleo = add("Ada"), add("Ben", billing={"method": "invoice"}), add("Cleo")
    question = ticked(manager, session, "paid", ada, ben)
    assert "Mark 2 registrations as paid?" in question.text
    assert "€24.00 in all. No e-mail is sent" in question.text
    assert billing(ada) == "unpaid"
    shown = manager.follow(manager.send(question, {}))
    assert "2 registrations marked as paid." in shown.text
    assert [billing(one) for one in (ada, ben, cleo)] == ["paid", "paid", "unpaid"]
    undone = manager.send(shown, {}, action=f"/o/demo/sessions/{session.id}/selected/paid/undo")
    assert "Undone for 2 registrations." in manager.follow(undone).text
    assert [billing(one) for one in (ada, ben)] == ["unpaid", "invoiced"]


def test_what_followed_a_mark_is_not_undone(manager: Browser, session: Session, add: Add, today: datetime) -> None:
    ada = add("Ada")
    shown = manager.follow(manager.send(ticked(manager, session, "paid", ada), {}))
    refund = BillingStatusInput(status="refunded")
    registrations.set_billing("demo", ada.public_id, refund, by="owner@demo.test", now=today + timedelta(seconds=1))
    response = manager.send(shown, {}, action=f"/o/demo/sessions/{session.id}/selected/paid/undo")
    assert "Too late to undo" in manager.follow(response).text
    assert billing(ada) == "refunded"


def test_the_box_for_everybody_keeps_to_the_search(manager: Browser, session: Session, add: Add) -> None:
    add("Ada"), add("Ben")
    question = ticked(manager, session, "remove", all="true", q="ada")
    assert "Remove 1 registration from the roster?" in question.text
    assert "Ben" not in question.text


def test_a_move_that_does_not_fit_names_who_stays(
    manager: Browser, session: Session, make_session: Callable[..., Session], add: Add, today: datetime
) -> None:
    there = make_session(title="Chess", spots_total=1)
    question = ticked(manager, session, "move", add("Ada"), add("Ben"))
    assert "Chess" in question.text
    result = manager.send(question, {"to_session": there.id})
    assert "1 of 2 done" in result.text
    assert "Ben" in result.text
    assert sessions.read_session("demo", there.id, now=today).spots.taken == 1


def test_nobody_selected_is_said(manager: Browser, session: Session, add: Add) -> None:
    add("Ada")
    assert "Select at least one person first." in manager.follow(ticked(manager, session, "paid")).text


def test_an_e_mail_opens_with_the_people_who_are_ticked(manager: Browser, session: Session, add: Add) -> None:
    ada, _ = add("Ada"), add("Ben")
    page = ticked(manager, session, "write", ada)
    assert "E-mail 1 person" in page.text


def test_the_roster_is_sorted_by_child_and_by_what_is_due(manager: Browser, session: Session, add: Add) -> None:
    add("Zoe"), add("Ada", billing={"method": "paid"})
    for sort, first in (("", "Ada"), ("payment", "Zoe")):
        html = manager.get(f"/o/demo/sessions/{session.id}?sort={sort}").html
        assert (html.index("<b>Ada</b>") < html.index("<b>Zoe</b>")) is (first == "Ada"), sort
