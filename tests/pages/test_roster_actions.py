"""What staff do with the invitations and registrations of a roster."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import invitations, sessions
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser, Page
from tests.pages.test_roster import Invite, accept, adding, roster, spots


def press(browser: Browser, page: Page, path: str) -> Page:
    """Press a button of a row: it submits the form that all rows share, to its own action."""
    assert f'formaction="{path}"' in page.html
    return browser.post(path, page.form_named("act").fields)


def test_resending_keeps_the_link_and_rotating_kills_it(manager: Browser, visitor: Browser, session: Session, invite: Invite) -> None:
    made, path = invite("ana@example.org")
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    assert "was sent again." in manager.follow(press(manager, manager.get(roster(session)), f"{own}/resend")).text
    assert visitor.get(path).status == 200
    question = manager.get(f"{own}/rotate")
    assert "stops working" in question.text
    rotated = manager.follow(manager.send(question, {}))
    assert "with a new link" in rotated.text
    over = visitor.get(path)
    assert over.status == 410
    assert "replaced by a newer one" in over.text
    assert visitor.get(next(link for link in rotated.links if "/i/" in link).removeprefix("http://127.0.0.1:8000")).status == 200


def test_resending_too_often_is_refused(manager: Browser, session: Session, invite: Invite) -> None:
    made, _ = invite("ana@example.org")
    page = manager.get(roster(session))
    responses = [press(manager, page, f"/o/demo/invitations/{session.id}-{made.id}/resend") for _ in range(6)]
    assert [response.status for response in responses] == [303] * 5 + [429]
    assert int(responses[-1].headers["retry-after"]) > 0


def test_cancelling_asks_and_says_what_happens(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    made, _ = invite("ana@example.org", party_size=2)
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    question = manager.get(f"{own}/cancel")
    assert "Cancel the invitation of ana@example.org?" in question.text
    assert "2 spots are free again at once." in question.text
    assert spots(session, today) == (0, 2, 0, 3)
    assert "is cancelled" in manager.follow(manager.send(question, {})).text
    assert spots(session, today) == (0, 0, 0, 5)


def test_reviving_asks_when_the_session_is_full(
    manager: Browser, make_session: Callable[..., Session], invite: Invite, today: datetime
) -> None:
    session = make_session(spots_total=1)
    made, _ = invite("ana@example.org", to=session)
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    invitations.cancel_invitation("demo", f"{session.id}-{made.id}", by="manager@demo.test", now=today)
    invite("ben@example.org", to=session)
    question = press(manager, manager.get(roster(session, "invitations")), f"{own}/revive")
    assert question.status == 409
    assert "This session is full. Invite them anyway?" in question.text
    done = manager.send(question, {"confirm_over_capacity": "true"})
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
    question = manager.get(f"{own}/remove")
    assert "1 spot is free again at once." in question.text
    assert "Nothing is refunded" in question.text
    done = manager.follow(manager.send(question, {}))
    assert "Registration removed" in done.text
    assert "1 removed" in done.text
    assert spots(session, today) == (0, 0, 0, 5)


def test_an_outdated_action_is_refused_with_a_way_back(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    made, path = invite("ana@example.org")
    own = f"/o/demo/invitations/{session.id}-{made.id}"
    question = manager.get(f"{own}/cancel")
    accept(path, "ana@example.org", today)
    response = manager.post(f"{own}/cancel", question.form().fields, Referer=f"http://127.0.0.1:8000{roster(session)}")
    assert response.status == 409
    assert "Remove the participant from the roster instead." in response.text
    assert roster(session) in response.links


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
