"""The waitlist for staff: the tab of a session, and what they do with an entry."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.operations import sessions, waitlist
from chalicelib.rules.sessions import Session
from chalicelib.tables import waitlist as entries
from tests.pages.browser import Browser
from tests.pages.full_sessions import Join, grown, join, line, own, pair, place, press, session, set_waitlist, tab

__all__ = ["join", "pair", "session"]


def test_an_empty_list_says_what_fills_it(manager: Browser, session: Session) -> None:
    page = manager.follow(manager.get(f"/o/demo/sessions/{session.id}?tab=waitlist"))
    assert "The waitlist is empty." in page.text
    assert tab(session) + "/add" in page.links


def test_the_tab_explains_the_mode_and_why_no_entry_has_an_offer(manager: Browser, session: Session, join: Join, today: datetime) -> None:
    join("ana", 2)
    join("ben")
    grown(session, 4, now=today)
    page = manager.get(tab(session))
    assert "1. Ana ana@example.org 2 today" in page.text
    assert "Needs more spots than are free now." in page.text
    assert "2. Ben" in page.text
    assert "someone ahead is still waiting" in page.text
    assert "Braucht mehr Plätze, als jetzt frei sind." in manager.get(f"{tab(session)}?lang=de").text
    assert "go automatically to the first in line, held for 24 hours" in page.text
    waits = "1 free spot is reserved for the first in line: the public sees the session as full."
    assert waits in page.text
    assert waits in manager.get(f"/o/demo/sessions/{session.id}").text
    assert "Waitlist 2" in page.text
    assert "· 2 waiting" in manager.get("/o/demo/sessions").text
    set_waitlist(mode="skip_to_fit", auto_offer=False)
    assert "Offers are made by hand: choose Invite now" in manager.get(tab(session)).text


def test_staff_add_an_entry(manager: Browser, session: Session, today: datetime) -> None:
    form = manager.get(tab(session) + "/add")
    wrong = manager.send(form, {"name": "", "email": "x", "spots": "1"})
    assert (wrong.status, bool(wrong.described("name")), bool(wrong.described("email"))) == (422, True, True)
    done = manager.follow(manager.send(form, {"name": "Ana", "email": "ana@example.org", "spots": "2"}))
    assert "Added to the waitlist." in done.text
    assert line(session, today) == ["Ana"]


def test_staff_cannot_add_an_entry_while_spots_are_free(manager: Browser, session: Session, today: datetime) -> None:
    form = manager.get(tab(session) + "/add")
    grown(session, 4, now=today)
    refused = manager.send(form, {"name": "Ana", "email": "ana@example.org", "spots": "1"})
    assert (refused.status, "1 spot is free" in refused.text) == (409, True)
    assert f"/o/demo/sessions/{session.id}/invite" in refused.links


def test_entries_are_moved(manager: Browser, session: Session, join: Join, today: datetime) -> None:
    ana, _, cleo = join("ana"), join("ben"), join("cleo")
    page = manager.get(tab(session))
    up = press(manager, page, own(cleo, "/move"), position="2")
    assert up.headers["location"].endswith(f"#w-{cleo.id}")
    assert line(session, today) == ["Ana", "Cleo", "Ben"]
    question = manager.get(own(ana, "/move"))
    assert question.form().fields["position"] == "1"
    assert manager.send(question, {"position": "nowhere"}).described("position")
    manager.send(question, {"position": "3"})
    assert line(session, today) == ["Cleo", "Ben", "Ana"]


def test_inviting_now_makes_an_offer_or_says_what_it_takes(manager: Browser, session: Session, join: Join, today: datetime) -> None:
    join("ana")
    ben = join("ben", 2)
    refused = press(manager, manager.get(tab(session)), own(ben, "/invite"))
    assert (refused.status, "This session is full." in refused.text) == (409, True)
    assert "Nothing was offered to Ben, who needs 2 spots." in refused.text
    grown(session, 5, now=today)
    done = manager.follow(press(manager, manager.get(tab(session)), own(ben, "/invite")))
    assert "The offer is on its way" in done.text
    assert "2. Ben ben@example.org Has an offer until" in done.text
    assert f'formaction="{own(ben, "/invite")}"' not in done.html
    taking_back = next(link for link in done.links if link.endswith("/cancel") and "/invitations/" in link)
    question = manager.get(taking_back)
    assert "They stay on the waitlist, but get no other offer" in question.text
    manager.send(question, {})
    waitlist.advance("demo", session.id, now=datetime.now(today.tzinfo))
    assert "You took the offer back" in manager.get(tab(session)).text


def test_taking_off_asks_first_and_says_what_it_frees(manager: Browser, session: Session, join: Join, today: datetime) -> None:
    ana, ben = join("ana", 2), join("ben")
    grown(session, 5, now=today)
    waitlist.offer_by_hand("demo", f"{session.id}-{ana.id}", by="manager", now=today)
    question = manager.get(own(ana, "/remove"))
    assert "its link stops working, and 2 spots are free for the others" in question.text
    assert "No e-mail is sent." in question.text
    assert "They lose their place." in manager.get(own(ben, "/remove")).text
    done = manager.follow(manager.send(question, {}))
    assert "1 waits no more Ana ana@example.org · 2 spots · joined today" in done.text
    assert sessions.read_session("demo", session.id, now=today).spots.held == 0
    assert manager.get(own(ana, "/remove")).status == 409
    assert manager.get(f"/o/demo/waitlist/{session.id}-nobody/remove").status == 404


def test_cancelling_the_session_ends_its_waitlist(manager: Browser, visitor: Browser, session: Session, join: Join) -> None:
    ana = join("ana")
    question = manager.get(f"/o/demo/sessions/{session.id}/cancel")
    assert "1 party is taken off the waitlist, and told with everybody else." in question.text
    manager.send(question, {})
    assert "This session does not take place" in visitor.get(place(ana)).text
    page = manager.get(tab(session))
    assert tab(session) + "/add" not in page.links


def test_viewers_see_the_waitlist_without_actions(as_role: Callable[[str], Browser], session: Session, join: Join) -> None:
    ana = join("ana")
    page = as_role("viewer").get(tab(session))
    assert "1. Ana" in page.text
    assert own(ana) not in page.html
    assert tab(session) + "/add" not in page.links


def test_staff_add_to_several_waitlists_and_see_them_beside_the_name(
    manager: Browser, pair: tuple[Session, Session], today: datetime
) -> None:
    first, second = pair
    page = manager.get(tab(first) + "/add")
    fields = {**page.form(tab(first) + "/add").fields, "name": "Cleo", "email": "cleo@example.org", f"alternatives/{second.id}": "true"}
    listed = manager.follow(manager.post(tab(first) + "/add", fields))
    assert "or: Thursday pots" in listed.text
    grown(second, 2, now=today)
    waitlist.advance("demo", second.id, now=datetime.now(today.tzinfo))
    after = manager.get(tab(first))
    assert "or: Thursday pots" not in after.text
    assert "got an offer for another session" in after.text
    entry = entries.list_entries("demo", first.id)[0]
    assert "There was room for you in another session" in manager.get(place(entry)).text
