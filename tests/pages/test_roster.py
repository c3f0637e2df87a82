"""The roster page: its rows, adding a registration, and the actions of each row."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import invitations, sessions
from chalicelib.operations.invitations import Accepted
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from tests.pages.browser import Browser, Page

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


def press(browser: Browser, page: Page, path: str) -> Page:
    """Press a button of a row: it submits the form that all rows share, to its own action."""
    assert f'formaction="{path}"' in page.html
    return browser.post(path, page.form_named("act").fields)


def test_an_empty_roster_says_what_to_do_first(manager: Browser, session: Session) -> None:
    page = manager.get(roster(session))
    assert "Nobody is on this session yet." in page.text
    assert adding(session) in page.links


def test_inviting_an_address_holds_the_spots(manager: Browser, session: Session, today: datetime) -> None:
    page = manager.get(adding(session))
    answer = manager.send(page, {"email": "Ana@Example.org", "party_size": "2", "note": "Scholarship"})
    shown = manager.follow(answer)
    assert "The invitation is on its way, and its spots are held." in shown.text
    assert "Ana@Example.org" in shown.text
    assert "Scholarship" in shown.text
    assert spots(session, today) == (0, 2, 0, 3)


def test_the_form_is_on_the_roster_page_too(manager: Browser, session: Session, today: datetime) -> None:
    answer = manager.send(manager.get(roster(session)), {"email": "ana@example.org"}, action=adding(session))
    assert answer.status == 303
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
    answer = manager.send(manager.get(adding(session)), typed)
    assert answer.status == 422
    assert {name for name in typed if answer.described(name)} == {"email", "party_size", "expires_at"}
    kept = answer.form().fields
    assert {name: kept[name] for name in typed} == typed
    assert spots(session, today) == (0, 0, 0, 5)


def test_a_full_session_asks_before_it_grows(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    session = make_session(spots_total=1)
    page = manager.get(adding(session))
    asked = manager.send(page, {"email": "ana@example.org", "party_size": "2"})
    assert asked.status == 409
    assert (
        "Only 1 spot is free, and this party needs 2. Invite them anyway? "
        "The session then has 2 extra spots for as long as this invitation lasts." in asked.text
    )
    assert spots(session, today) == (0, 0, 0, 1)
    answer = manager.send(asked, {"confirm_over_capacity": "true"})
    assert answer.status == 303
    assert spots(session, today) == (0, 2, 2, 1)
    assert "2 extra" in manager.follow(answer).text


def test_a_second_invitation_names_the_first(manager: Browser, session: Session, invite: Invite) -> None:
    first, _ = invite("ana@example.org")
    answer = manager.send(manager.get(adding(session)), {"email": "ANA@example.org"})
    assert answer.status == 409
    assert "already has an invitation" in answer.text
    assert f"{roster(session, 'invitations')}#i-{session.id}-{first.id}" in answer.links


def test_an_expiry_is_in_the_sessions_zone(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    session = make_session(time_zone="America/Toronto")
    local = (today + timedelta(days=2)).strftime("%Y-%m-%dT21:30")
    answer = manager.send(manager.get(adding(session)), {"email": "ana@example.org", "expires_at": local})
    assert answer.status == 303
    assert "21:30" in manager.get(roster(session, "invitations")).text


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


def test_resending_keeps_the_link_and_rotating_kills_it(manager: Browser, visitor: Browser, session: Session, invite: Invite) -> None:
    made, path = invite("ana@example.org")
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    assert "was sent again." in manager.follow(press(manager, manager.get(roster(session)), f"{own}/resend")).text
    assert visitor.get(path).status == 200
    asked = manager.get(f"{own}/rotate")
    assert "stops working" in asked.text
    rotated = manager.follow(manager.send(asked, {}))
    assert "with a new link" in rotated.text
    over = visitor.get(path)
    assert over.status == 410
    assert "replaced by a newer one" in over.text
    assert visitor.get(next(link for link in rotated.links if "/i/" in link).removeprefix("http://127.0.0.1:8000")).status == 200


def test_resending_too_often_is_refused(manager: Browser, session: Session, invite: Invite) -> None:
    made, _ = invite("ana@example.org")
    page = manager.get(roster(session))
    answers = [press(manager, page, f"/o/demo/invitations/{session.id}-{made.id}/resend") for _ in range(6)]
    assert [answer.status for answer in answers] == [303] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_cancelling_asks_and_says_what_happens(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    made, _ = invite("ana@example.org", party_size=2)
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    asked = manager.get(f"{own}/cancel")
    assert "Cancel the invitation of ana@example.org?" in asked.text
    assert "2 spots are free again at once." in asked.text
    assert spots(session, today) == (0, 2, 0, 3)
    assert "is cancelled" in manager.follow(manager.send(asked, {})).text
    assert spots(session, today) == (0, 0, 0, 5)


def test_reviving_asks_when_the_session_is_full(
    manager: Browser, make_session: Callable[..., Session], invite: Invite, today: datetime
) -> None:
    session = make_session(spots_total=1)
    made, _ = invite("ana@example.org", to=session)
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    invitations.cancel_invitation("demo", f"{session.id}-{made.id}", by="manager@demo.test", now=today)
    invite("ben@example.org", to=session)
    asked = press(manager, manager.get(roster(session, "invitations")), f"{own}/revive")
    assert asked.status == 409
    assert "This session is full. Invite them anyway?" in asked.text
    done = manager.send(asked, {"confirm_over_capacity": "true"})
    assert "revived" in manager.follow(done).text
    assert spots(session, today) == (0, 2, 1, 0)


def test_staff_approve_or_reject_a_claim_from_another_address(
    manager: Browser, visitor: Browser, session: Session, invite: Invite, today: datetime
) -> None:
    made, path = invite("ana@example.org", forwarding="approve")
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    form = {"name": "Ben", "email": "ben@example.org", "participants/0/name": "Mia"}
    visitor.send(visitor.get(path), form)
    page = manager.get(roster(session))
    assert "Needs your approval" in page.text
    assert "Ben" in manager.get("/o/demo").text
    rejected = manager.send(manager.get(f"{own}/reject"), {})
    assert "Request declined" in manager.follow(rejected).text
    visitor.send(visitor.get(path), form)
    approved = press(manager, manager.get(roster(session)), f"{own}/approve")
    assert "They are registered." in manager.follow(approved).text
    assert spots(session, today) == (1, 0, 0, 4)


def test_approving_and_declining_return_to_where_they_were_chosen(
    manager: Browser, visitor: Browser, session: Session, invite: Invite
) -> None:
    made, path = invite("ana@example.org", forwarding="approve")
    own, form = f"/o/demo/invitations/{session.id}-{made.id}", {"name": "Ben", "email": "ben@example.org", "participants/0/name": "Mia"}
    for query, back in (
        ("?from=agenda", "/o/demo?done=rejected"),
        ("?tab=invitations", f"{roster(session)}?tab=invitations&done=rejected"),
        ("?sort=added", f"{roster(session)}?sort=added&done=rejected"),
    ):
        visitor.send(visitor.get(path), form)
        assert manager.send(manager.get(own + "/reject" + query), {}).headers["location"] == back
    visitor.send(visitor.get(path), form)
    agenda, tab = manager.get("/o/demo"), manager.get(f"{roster(session)}?tab=invitations")
    assert f"{own}/reject?from=agenda" in agenda.html
    assert f"{own}/reject?tab=invitations" in tab.html
    approved = press(manager, tab, f"{own}/approve")
    assert approved.headers["location"] == f"{roster(session)}?tab=invitations&done=approved"


def test_removing_asks_and_frees(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    registration = accept(invite("ana@example.org")[1], "ana@example.org", today).registration
    own = f"/o/demo/registrations/{session.id}-{registration.id}"
    assert "Zoé Ortiz" in manager.get(own).text
    asked = manager.get(f"{own}/remove")
    assert "1 spot is free again at once." in asked.text
    assert "Nothing is refunded" in asked.text
    done = manager.follow(manager.send(asked, {}))
    assert "Registration removed" in done.text
    assert "1 removed" in done.text
    assert spots(session, today) == (0, 0, 0, 5)


def test_an_outdated_action_is_refused_with_a_way_back(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    made, path = invite("ana@example.org")
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    asked = manager.get(f"{own}/cancel")
    accept(path, "ana@example.org", today)
    answer = manager.post(f"{own}/cancel", asked.form().fields, Referer=f"http://127.0.0.1:8000{roster(session)}")
    assert answer.status == 409
    assert "Remove the participant from the roster instead." in answer.text
    assert roster(session) in answer.links


def test_looking_changes_nothing(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    made, _ = invite("ana@example.org")
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    before = sessions.read_roster("demo", session.id, now=today)
    for path in [roster(session), adding(session), *(f"{own}/{what}" for what in ("rotate", "cancel", "reject"))]:
        assert manager.get(path).status == 200
    assert sessions.read_roster("demo", session.id, now=today) == before


def booked(session: Session, invite: Invite, now: datetime) -> str:
    _, path = invite("ana@example.org")
    return f"/o/demo/registrations/{accept(path, 'ana@example.org', now).registration.public_id}"


@pytest.mark.parametrize(("ticked", "kept"), [(True, True), (False, False)])
def test_staff_choose_whether_a_removal_is_told(
    manager: Browser, session: Session, invite: Invite, today: datetime, ticked: bool, kept: bool
) -> None:
    path = booked(session, invite, today) + "/remove"
    page = manager.get(path)
    assert "Tell ana@example.org by e-mail" in page.text
    fields = page.form().fields
    assert fields["tell"] == "true"
    assert manager.post(path, fields if ticked else {"key": fields["key"]}).status == 303
    (removed,) = sessions.read_roster("demo", session.id, now=today).removed
    assert removed.tell_removed is kept


@pytest.mark.parametrize(("ticked", "kept"), [(True, True), (False, False)])
def test_staff_choose_whether_a_transfer_is_told(
    manager: Browser, session: Session, make_session: Callable[..., Session], invite: Invite, today: datetime, ticked: bool, kept: bool
) -> None:
    target = make_session(title="The other one")
    path = booked(session, invite, today) + "/transfer"
    fields = {**manager.get(path).form().fields, "to_session": target.id}
    assert fields["tell"] == "true"
    if not ticked:
        del fields["tell"]
    assert manager.post(path, fields).status == 303
    (moved,) = sessions.read_roster("demo", target.id, now=today).registrations
    assert (moved.tell_moved, moved.send_confirmation) == (kept, False)


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
