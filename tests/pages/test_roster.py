"""The roster page: its rows, adding a registration, and the actions of each row."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.operations import invitations, sessions
from chalicelib.operations.invitations import Accepted
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from tests.pages.browser import Browser

Invite = Callable[..., tuple[Invitation, str]]


def roster(session: Session, tab: str = "") -> str:
    return f"/o/demo/sessions/{session.id}" + (f"?tab={tab}" if tab else "")


def adding(session: Session) -> str:
    return f"/o/demo/sessions/{session.id}/invite"


def spots(session: Session, now: datetime) -> tuple[int, int, int, int]:
    counted = sessions.read_session("demo", session.id, now=now).spots
    return counted.taken, counted.held, counted.extra, counted.free


def accept(path: str, email: str, now: datetime) -> Accepted:
    acceptance = AcceptInput(email=email, name="Ana Ortiz", participants=[ParticipantInput(name="Zoé Ortiz")])
    outcome = invitations.accept(path.removeprefix("/i/"), acceptance, locale="en", now=now)
    assert isinstance(outcome, Accepted)
    return outcome


def test_an_empty_roster_says_what_to_do_first(manager: Browser, session: Session) -> None:
    page = manager.get(roster(session))
    assert "Nobody is on this session yet." in page.text
    assert adding(session) in page.links


def test_inviting_an_address_holds_the_spots(manager: Browser, session: Session, today: datetime) -> None:
    page = manager.get(adding(session))
    response = manager.send(page, {"email": "Ana@Example.org", "party_size": "2", "note": "Scholarship"})
    shown = manager.follow(response)
    assert "The invitation is on its way, and its spots are held." in shown.text
    assert "Ana@Example.org" in shown.text
    assert "Scholarship" in shown.text
    assert spots(session, today) == (0, 2, 0, 3)


def test_the_form_is_on_the_roster_page_too(manager: Browser, session: Session, today: datetime) -> None:
    response = manager.send(manager.get(roster(session)), {"email": "ana@example.org"}, action=adding(session))
    assert response.status == 303
    assert spots(session, today) == (0, 1, 0, 4)


def test_the_same_form_sent_twice_invites_once(manager: Browser, session: Session, today: datetime) -> None:
    page = manager.get(adding(session))
    first, second = (manager.send(page, {"email": "ana@example.org"}) for _ in range(2))
    assert first.status == second.status == 303
    assert spots(session, today) == (0, 1, 0, 4)


def test_a_reused_form_with_another_address_makes_another_invitation(manager: Browser, session: Session, today: datetime) -> None:
    page = manager.get(adding(session))
    for email in ("ana@example.org", "ben@example.org"):
        assert manager.send(page, {"email": email}).status == 303
    assert spots(session, today) == (0, 2, 0, 3)


def test_every_mistake_is_shown_and_nothing_typed_is_lost(manager: Browser, session: Session, today: datetime) -> None:
    typed = {"email": "ana", "party_size": "zero", "expires_at": "2026-13-01T00:00", "note": "Keep me", "forwarding": "locked"}
    response = manager.send(manager.get(adding(session)), typed)
    assert response.status == 422
    assert {name for name in typed if response.described(name)} == {"email", "party_size", "expires_at"}
    kept = response.form().fields
    assert {name: kept[name] for name in typed} == typed
    assert spots(session, today) == (0, 0, 0, 5)


def test_a_full_session_asks_before_it_grows(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    session = make_session(spots_total=1)
    page = manager.get(adding(session))
    question = manager.send(page, {"email": "ana@example.org", "party_size": "2"})
    assert question.status == 409
    assert (
        "Only 1 spot is free, and this party needs 2. Invite them anyway? "
        "The session then has 2 extra spots for as long as this invitation lasts." in question.text
    )
    assert spots(session, today) == (0, 0, 0, 1)
    response = manager.send(question, {"confirm_over_capacity": "true"})
    assert response.status == 303
    assert spots(session, today) == (0, 2, 2, 1)
    assert "2 extra" in manager.follow(response).text


def test_a_second_invitation_names_the_first(manager: Browser, session: Session, invite: Invite) -> None:
    first, _ = invite("ana@example.org")
    response = manager.send(manager.get(adding(session)), {"email": "ANA@example.org"})
    assert response.status == 409
    assert "already has an invitation" in response.text
    assert f"{roster(session, 'invitations')}#i-{session.id}-{first.id}" in response.links


def test_an_expiry_is_in_the_sessions_zone(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    session = make_session(time_zone="America/Toronto")
    local = (today + timedelta(days=2)).strftime("%Y-%m-%dT21:30")
    response = manager.send(manager.get(adding(session)), {"email": "ana@example.org", "expires_at": local})
    assert response.status == 303
    assert "21:30" in manager.get(roster(session, "invitations")).text


def test_the_links_of_a_row_keep_a_language_chosen_by_hand(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    _, path = invite("ana@example.org")
    registered = accept(path, "ana@example.org", today).registration
    invite("bo@example.org")
    own = f"/o/demo/registrations/{registered.public_id}"
    page = manager.get(f"{roster(session)}?lang=en")
    assert f"{own}?lang=en" in page.links
    assert [link for link in page.links if "lang=" in link and parse_qs(urlsplit(link).query)["lang"] != ["en"]] == []
    assert f'formaction="{own}/confirmation?lang=en"' in page.html


def test_a_roster_shows_the_invited_address_and_the_one_that_accepted(
    manager: Browser, session: Session, invite: Invite, today: datetime
) -> None:
    accept(invite("ana@example.org")[1], "ben@example.org", today)
    text = manager.get(roster(session)).text
    assert "invited ana@example.org, used by ben@example.org" in text
    assert "Zoé Ortiz" in text
    assert "€12.00" in text


def test_spots_are_shown_as_numbers_and_words(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    accept(invite("ana@example.org", party_size=2)[1], "ana@example.org", today)
    invite("ben@example.org")
    page = manager.get(roster(session))
    assert 'aria-label="2 taken, 1 held, 0 extra, 2 free, of 5"' in page.html
    capacity = manager.get(roster(session, "capacity")).text
    assert "Registration" in capacity
    assert "Invitation" in capacity


@pytest.mark.parametrize(("wanted", "found"), [("ANA", {"ana@example.org"}), ("ben@", {"ben@example.org"}), ("zz", set())])
def test_the_list_is_searched_without_javascript(wanted: str, found: set[str], manager: Browser, session: Session, invite: Invite) -> None:
    for email in ("ana@example.org", "ben@example.org"):
        invite(email)
    page = manager.get(f"{roster(session)}?q={wanted}")
    assert {email for email in ("ana@example.org", "ben@example.org") if email in page.text} == found
    assert ('<p class="none" data-none>' in page.html) is (not found)


def test_a_viewer_sees_the_roster_without_actions(as_role: Callable[[str], Browser], session: Session, invite: Invite) -> None:
    invite("ana@example.org")
    page = as_role("viewer").get(roster(session))
    assert "ana@example.org" in page.text
    assert "formaction" not in page.html
    assert not [link for link in page.links if link.endswith(("/invite", "/cancel", "/edit"))]
    assert "/i/" not in page.html


def test_staff_add_a_walk_in_to_a_session_that_is_over(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    starts = today - timedelta(days=2)
    past = make_session(meetings=[{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}])
    page = manager.get(roster(past))
    assert f"/o/demo/sessions/{past.id}/add" in page.links
    assert adding(past) not in page.links
    form = manager.get(f"/o/demo/sessions/{past.id}/add")
    walk_in = {"new_customer/name": "Ana", "new_customer/email": "ana@example.org", "participants/0/name": "Kim", "billing/method": "later"}
    assert manager.send(form, walk_in).status == 303
    assert "Kim" in manager.get(roster(past)).text
