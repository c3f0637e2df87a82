"""R21: no page says that an e-mail is on its way, or was sent, to an address that nothing reaches."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import invitations, links, waitlist
from chalicelib.operations.registrations import register
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers, organisations
from tests.live.ledger import race_report
from tests.pages.browser import Browser, Page

EMAIL = "ana@example.org"
PROMISE = re.compile(r"on its way|was sent again|an e-mail tells|went to|you get (one|an offer) by e-mail", re.IGNORECASE)
DENIAL = re.compile(
    r"no e-mail is sent|no invitation is sent|do not arrive|cannot be reached|marked e-mails as spam|e-mails bounce", re.IGNORECASE
)
Open = Callable[["Scene"], Page]
STATES = ("reachable", "bounced", "complained", "lifted")


class Scene:
    """A session for one, full; a customer; staff and a visitor."""

    def __init__(self, manager: Browser, owner: Browser, visitor: Browser, session: Session, now: datetime) -> None:
        self.manager, self.owner, self.visitor, self.session, self.now = manager, owner, visitor, session, now
        customers.create(Customer(org="demo", id="ana", email=EMAIL, name="Ana", created_at=now))

    @property
    def roster(self) -> str:
        return f"/o/demo/sessions/{self.session.id}"

    def be(self, state: str) -> None:
        if state in {"bounced", "lifted"}:
            organisations.note_bounce("demo", EMAIL, sent_at=self.now, reason="550", now=self.now)
        if state == "complained":
            organisations.note_complaint("demo", EMAIL, kind="session_invitation", now=self.now)
        if state == "lifted":
            self.manager.post("/o/demo/customers/ana/reachable", {})

    def filled(self) -> None:
        draft = RegistrationInput(email="ben@example.org", name="Ben", participants=[ParticipantInput(name="Kim")])
        register("demo", self.session.id, draft, locale="en", key="ben", now=self.now)

    def invitation(self) -> str:
        draft = InvitationInput(email=EMAIL)
        return invitations.invite("demo", self.session.id, draft, by="m", key="k", now=self.now).invitation.public_id


def invited(scene: Scene) -> Page:
    return scene.manager.follow(scene.manager.post(f"{scene.roster}/invite", {"email": EMAIL, "party_size": "1"}))


def resent(scene: Scene) -> Page:
    return scene.manager.follow(scene.manager.post(f"/o/demo/invitations/{scene.invitation()}/resend", {}))


def rotated(scene: Scene) -> Page:
    return scene.manager.follow(scene.manager.post(f"/o/demo/invitations/{scene.invitation()}/rotate", {}))


def put_in_line(scene: Scene) -> Page:
    scene.filled()
    return scene.manager.follow(scene.manager.post(f"{scene.roster}/waitlist/add", {"email": EMAIL, "name": "Ana", "spots": "1"}))


def own_place(scene: Scene) -> Page:
    scene.filled()
    draft = JoinInput(email=EMAIL, name="Ana")
    entry = waitlist.join("demo", scene.session.id, draft, locale="en", key="k", now=scene.now).entry
    return scene.visitor.get(f"/waitlist/{links.waitlist_token(entry)}")


def invited_to_the_portal(scene: Scene) -> Page:
    question = scene.manager.get("/o/demo/customers/ana/invite")
    return scene.manager.follow(scene.manager.send(question, {"do": "send"}))


def staff_invited(scene: Scene) -> Page:
    return scene.owner.follow(scene.owner.post("/o/demo/staff", {"email": EMAIL, "name": "Ana", "role": "viewer"}))


def registered(scene: Scene) -> Page:
    draft = RegistrationInput(email=EMAIL, name="Ana", participants=[ParticipantInput(name="Kim")])
    made = register("demo", scene.session.id, draft, locale="en", key="k", now=scene.now).registration
    return scene.visitor.get(f"/b/{links.booking_token(made)}")


PAGES = (invited, resent, rotated, put_in_line, own_place, invited_to_the_portal, staff_invited, registered)


@pytest.fixture
def scene(as_role: Callable[[str], Browser], visitor: Browser, make_session: Callable[..., Session], today: datetime) -> Scene:
    return Scene(as_role("manager"), as_role("owner"), visitor, make_session(spots_total=1), today)


@pytest.fixture(scope="module")
def kept() -> list[str]:
    """The states of addresses for which a page has promised no more than what left."""
    return []


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("open_page", PAGES, ids=lambda one: one.__name__)
def test_a_page_promises_only_what_leaves(
    scene: Scene, open_page: Open, state: str, kept: list[str], record_property: Callable[[str, object], None]
) -> None:
    scene.be(state)
    shown = open_page(scene)
    assert shown.status == 200
    promised = PROMISE.search(shown.text)
    if state in {"reachable", "lifted"}:
        assert promised, shown.text
        assert not DENIAL.search(shown.text), shown.text
    else:
        assert not promised, promised
        assert DENIAL.search(shown.text) or open_page is registered, shown.text
    kept.append(state)
    if (open_page, state) == (PAGES[-1], [*STATES][-1]):
        record_property(race_report.PROPERTY, f"R21: {len(kept)} pages for addresses in {len({*kept})} states: 0 false promises")


def test_an_invitation_to_the_portal_is_shown_as_asked_for(scene: Scene) -> None:
    shown = invited_to_the_portal(scene)
    assert "Invitation on its way" in shown.text
    assert "Not invited yet" not in shown.text
    assert "Invite to the portal" not in shown.text
