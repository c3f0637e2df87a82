"""A suspended organisation on its pages: staff and the public are told so, and families see and cancel by their links."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.operations import links, organisations, public_registration
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser


def test_staff_and_the_public_read_a_sentence(manager: Browser, visitor: Browser, session: Session, today: datetime) -> None:
    organisations.suspend("demo", now=today)
    for path in ("/o/demo", f"/o/demo/sessions/{session.id}", "/o/demo/settings"):
        page = manager.get(path)
        assert page.status == 403
        assert "This organisation is suspended." in page.text
        assert "/?choose=yes" in page.links
        assert page.form("/sign-out")
    for path in ("/p/demo", f"/p/demo/sessions/{session.id}", "/p/demo/basket", "/p/demo/code", "/p/demo/register"):
        page = visitor.get(path)
        assert page.status == 403, path
        assert "No bookings can be made or changed here at the moment." in page.text
        assert "/p/demo/sign-in" in page.links
    assert visitor.get("/p/demo/sign-in").status == 200
    organisations.resume("demo", now=today)
    assert manager.get("/o/demo").status == visitor.get("/p/demo").status == 200


def test_a_family_sees_its_booking_and_cancels_it(
    visitor: Browser, make_session: Callable[..., Session], invite: Callable[..., tuple[object, str]], today: datetime
) -> None:
    session = make_session(cancel_until_hours=1)
    form = RegistrationInput.model_validate({"email": "ana@example.org", "name": "Ana", "participants": [{"name": "Kim"}]})
    booked = public_registration.register("demo", session.id, form, locale="en", key="k", source="", now=today).registration
    _, invited = invite("ben@example.org", to=session)
    organisations.suspend("demo", now=today)
    path = "/b/" + links.booking_link(booked).rpartition("/")[2]
    page = visitor.get(path)
    assert page.status == 200
    assert not [link for link in page.links if link.endswith(("/edit", "/move"))]
    assert visitor.get(invited).status == 200
    page = visitor.get(f"{path}/cancel")
    assert visitor.send(page, {}).status in {200, 303}
    assert "cancelled" in visitor.get(path).text
