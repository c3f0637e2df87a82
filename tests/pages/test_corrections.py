"""A corrected address on pages: what follows is asked, the confirmation is sent again, and old links end."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import links, registrations
from chalicelib.operations.customers import ensure_customer
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers, organisations
from chalicelib.tables import registrations as rows
from tests.pages.browser import Browser

MakeSession = Callable[..., Session]
WRONG, RIGHT = "wrong@example.org", "right@example.org"


def booked(session: Session, today: datetime) -> Registration:
    draft = RegistrationInput(email=WRONG, name="Ana", participants=[ParticipantInput(name=f"Kim {session.id}")])
    made = registrations.register("demo", session.id, draft, locale="en", key=session.id, now=today).registration
    rows.mark_confirmed("demo", session.id, made.id, now=today)
    ensure_customer(made, now=today)
    return made


@pytest.fixture
def two(make_session: MakeSession, today: datetime) -> tuple[Registration, Registration]:
    return booked(make_session(), today), booked(make_session(title="Another"), today)


def now_at(registration: Registration) -> str:
    return rows.get("demo", registration.session, registration.id).email


def test_the_contact_form_asks_what_follows(manager: Browser, two: tuple[Registration, Registration]) -> None:
    one, other = two
    form = manager.get(f"/o/demo/registrations/{one.public_id}/contact")
    assert "Correct the address everywhere: 1 other booking uses it" in form.text
    saved = manager.follow(manager.send(form, {"email": RIGHT}))
    assert RIGHT in saved.text
    assert (now_at(one), now_at(other)) == (RIGHT, WRONG)


def test_the_contact_form_takes_the_rest_along(manager: Browser, two: tuple[Registration, Registration]) -> None:
    one, other = two
    form = manager.get(f"/o/demo/registrations/{one.public_id}/contact")
    manager.send(form, {"email": RIGHT, "bookings_follow": "true"})
    assert (now_at(one), now_at(other)) == (RIGHT, RIGHT)


@pytest.mark.parametrize("follows", [True, False])
def test_the_form_of_a_customer_asks_what_follows(manager: Browser, two: tuple[Registration, Registration], follows: bool) -> None:
    known = customers.of_address("demo", WRONG)
    assert known
    form = manager.get(f"/o/demo/customers/{known.id}/edit")
    assert "use the new one for 2 bookings too" in form.text
    fields = {**form.form("").fields, "email": RIGHT}
    if not follows:
        fields.pop("bookings_follow")
    saved = manager.post(f"/o/demo/customers/{known.id}/edit", fields)
    assert saved.status == 303
    assert [now_at(one) for one in two] == ([RIGHT, RIGHT] if follows else [WRONG, WRONG])


def test_the_link_of_the_wrong_recipient_ends(manager: Browser, visitor: Browser, two: tuple[Registration, Registration]) -> None:
    one, _ = two
    older = f"/b/{links.booking_token(one)}"
    assert visitor.get(older).status == 200
    manager.send(manager.get(f"/o/demo/registrations/{one.public_id}/contact"), {"email": RIGHT, "name": "Right Person"})
    assert visitor.get(older).status == 404
    from_it = visitor.get(f"/p/demo/register?from={links.booking_token(one)}")
    assert "Right Person" not in from_it.html
    assert RIGHT not in from_it.html
    newer = links.booking_token(rows.get("demo", one.session, one.id))
    assert visitor.get(f"/b/{newer}").status == 200


def test_a_confirmation_is_sent_again_from_registration_and_roster(manager: Browser, two: tuple[Registration, Registration]) -> None:
    one, _ = two
    path = f"/o/demo/registrations/{one.public_id}"
    for shown in (manager.get(path), manager.get(f"/o/demo/sessions/{one.session}")):
        assert f"{path}/confirmation" in shown.html
    said = manager.follow(manager.post(f"{path}/confirmation", {"key": "k"}))
    assert "The confirmation is on its way again." in said.text
    manager.post(f"{path}/confirmation", {"key": "k"})
    assert rows.get("demo", one.session, one.id).confirmations == 1, "a form sent twice asks for one e-mail"


def test_an_unreachable_registration_offers_no_confirmation(
    manager: Browser, two: tuple[Registration, Registration], today: datetime
) -> None:
    one, _ = two
    organisations.note_bounce("demo", WRONG, sent_at=today, now=today)
    path = f"/o/demo/registrations/{one.public_id}"
    shown = manager.get(path)
    assert "Cannot be reached" in shown.text
    assert f"{path}/confirmation" not in shown.html
    refused = manager.post(f"{path}/confirmation", {"key": "k"})
    assert refused.status == 409
    assert f"E-mails to {WRONG} bounce. Correct the address" in refused.text


def test_the_lists_mark_who_cannot_be_reached(manager: Browser, two: tuple[Registration, Registration], today: datetime) -> None:
    one, _ = two
    pages = [f"/o/demo/sessions/{one.session}", "/o/demo/customers"]
    assert not any("E-mails bounce" in manager.get(path).text for path in pages)
    organisations.note_bounce("demo", WRONG, sent_at=today, now=today)
    assert all("E-mails bounce" in manager.get(path).text for path in pages)
    organisations.note_complaint("demo", WRONG, kind="confirmation", now=today)
    assert all("Marked e-mails as spam" in manager.get(path).text for path in pages)
