"""The waitlist on pages: the public form, the page of a position, and the tab for staff."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import invitations, links, organisations, registrations, sessions, waitlist
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import organisations as stored
from chalicelib.tables import waitlist as entries
from chalicelib.tables.ledger import full_cache
from tests.pages.browser import Browser, Page

Join = Callable[..., Entry]


@pytest.fixture
def session(make_session: Callable[..., Session], today: datetime) -> Session:
    """A full session of three spots."""
    full = make_session(spots_total=3)
    registered(full, 3, now=today)
    return full


@pytest.fixture
def join(session: Session, today: datetime) -> Join:
    """Return `join("ana", spots=2)`, which adds an entry to the waitlist."""

    def joined(name: str, spots: int = 1) -> Entry:
        draft = JoinInput(email=f"{name}@example.org", name=name.title(), spots=spots)
        now = datetime.now(today.tzinfo)
        return waitlist.join("demo", session.id, draft, locale="en", key=name, now=now).entry

    return joined


def registered(session: Session, spots: int, *, now: datetime) -> None:
    draft = RegistrationInput(email="ben@example.org", name="Ben", participants=[ParticipantInput(name="Kim")], party_size=spots)
    full_cache.reopen("demo", session.id)
    registrations.register("demo", session.id, draft, locale="en", key=session.id, now=now)


def grown(session: Session, spots: int, *, now: datetime) -> None:
    """Set the number of spots of the session."""
    sessions.edit_session("demo", session.id, SessionChanges(spots_total=spots), expected=None, now=now)


def public(session: Session) -> str:
    return f"/p/demo/sessions/{session.id}"


def tab(session: Session) -> str:
    return f"/o/demo/sessions/{session.id}/waitlist"


def own(entry: Entry, what: str = "") -> str:
    return f"/o/demo/waitlist/{entry.session}-{entry.id}{what}"


def place(entry: Entry) -> str:
    return f"/waitlist/{links.waitlist_token(entry)}"


def status(entry: Entry) -> str:
    return entries.get("demo", entry.session, entry.id).status


def press(browser: Browser, page: Page, path: str, **also: str) -> Page:
    """Press a button of a row: it submits the form that all rows share, to its own action."""
    assert f'formaction="{path}"' in page.html
    return browser.post(path, {**page.form_named("act").fields, **also})


def line(session: Session, today: datetime) -> list[str]:
    return [found.entry.name for found in waitlist.read_waitlist("demo", session.id, now=today).places]


def set_waitlist(**said: object) -> None:
    was = organisations.read("demo")
    stored.save(replace(was, waitlist=replace(was.waitlist, **said)))  # type: ignore[arg-type]


def test_a_full_session_offers_the_waitlist_and_shows_the_position(visitor: Browser, session: Session, join: Join) -> None:
    join("ana")
    page = visitor.get(public(session))
    assert "Every spot is taken or held." in page.text
    sent = visitor.send(page, {"name": "Cleo", "email": "cleo@example.org", "spots": "2"}, action=public(session) + "/waitlist")
    mine = visitor.follow(sent)
    assert "You are number 2 in line." in mine.text
    assert "As soon as 2 spots are free and everybody before you had an offer" in mine.text
    assert "24 hours" in mine.text
    assert "cleo@example.org" not in mine.html
    again = visitor.send(page, {"name": "Cleo", "email": "cleo@example.org", "spots": "2"}, action=public(session) + "/waitlist")
    assert again.headers["location"] == sent.headers["location"]


def test_the_page_of_an_address_that_waits_already_looks_like_that_of_any_other(visitor: Browser, session: Session, join: Join) -> None:
    join("ana")
    pages = []
    for email in ("ana@example.org", "any@example.org"):
        sent = visitor.send(visitor.get(public(session) + "/waitlist"), {"name": "Ana", "email": email, "spots": "1"})
        pages.append(visitor.follow(sent))
    first, second = (page.text.replace("2 in line", "N in line").replace("3 in line", "N in line") for page in pages)
    assert first == second
    assert "N in line" in first


def test_mistakes_come_back_beside_their_fields(visitor: Browser, session: Session, join: Join) -> None:
    join("ana")
    page = visitor.get(public(session) + "/waitlist")
    typed = {"name": "", "email": "cleo", "spots": "0"}
    wrong = visitor.send(page, typed)
    assert wrong.status == 422
    assert {name for name in typed if wrong.described(name)} == set(typed)
    assert wrong.form().fields.items() >= typed.items()
    many = visitor.send(page, {"name": "Cleo", "email": "cleo@example.org", "spots": "4"})
    assert (many.status, "only 3 spots in all" in many.described("spots")) == (422, True)


def test_an_entry_is_refused_while_spots_are_free(visitor: Browser, session: Session, today: datetime) -> None:
    late = visitor.get(public(session))
    grown(session, 4, now=today)
    fields = {"name": "Cleo", "email": "cleo@example.org", "spots": "1"}
    answer = visitor.send(late, fields, action=public(session) + "/waitlist")
    assert answer.status == 409
    assert "1 spot is free: book now instead of waiting." in answer.text
    assert "Book now" in answer.text
    assert public(session) in answer.links


def test_a_party_larger_than_the_free_spots_may_join_the_waitlist(visitor: Browser, session: Session, today: datetime) -> None:
    grown(session, 4, now=today)
    page = visitor.get(public(session))
    fields = {"name": "Cleo", "email": "cleo@example.org", "party_size": "2", "participants/0/name": "Zoé"}
    refused = visitor.send(page, fields)
    assert (refused.status, "Only 1 spot is free" in refused.text) == (409, True)
    assert "Join the waitlist for 2 spots" in refused.text
    mine = visitor.follow(visitor.post(public(session) + "/waitlist", refused.form().fields))
    assert "You are number 1 in line." in mine.text
    assert "2 spots" in mine.text


def test_after_the_cutoff_no_waitlist_is_offered(visitor: Browser, session: Session) -> None:
    set_waitlist(cutoff_hours=24 * 8)
    for path in (public(session), public(session) + "/waitlist"):
        page = visitor.get(path)
        assert "It is too late to join the waitlist" in page.text
        assert not [form for form in page.forms if form.method == "post"]


def test_leaving_asks_first_and_looking_changes_nothing(visitor: Browser, join: Join) -> None:
    ana = join("ana")
    assert place(ana) + "/leave" in visitor.get(place(ana)).links
    asked = visitor.get(place(ana) + "/leave")
    assert "You lose your place" in asked.text
    assert status(ana) == "waiting"
    left = visitor.follow(visitor.send(asked, {}))
    assert "You have left the waitlist" in left.text
    assert "You have left the waitlist" in visitor.get(place(ana) + "/leave").text
    assert status(ana) == "left"
    assert visitor.get(place(ana)[:-1]).status == 404


def test_an_offer_is_shown_on_the_page_of_the_position(visitor: Browser, session: Session, join: Join, today: datetime) -> None:
    ana = join("ana")
    grown(session, 4, now=today)
    made = waitlist.offer_by_hand("demo", f"{session.id}-{ana.id}", by="manager", now=today).invitation
    page = visitor.get(place(ana))
    assert "There is room for you" in page.text
    assert links.invitation_link(made).partition("8000")[2] in page.links
    assert "Your turn on the waitlist" in visitor.get(next(link for link in page.links if link.startswith("/i/"))).text
    assert "the spot that is held for you goes to somebody else" in visitor.get(place(ana) + "/leave").text
    invitations.decline(links.invitation_token(made), now=today)
    assert "You have declined" in visitor.get(place(ana)).text


def test_an_expired_offer_links_to_the_waitlist_position(
    visitor: Browser, session: Session, join: Join, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = join("ana")
    grown(session, 4, now=today)
    made = waitlist.offer_by_hand("demo", f"{session.id}-{ana.id}", by="manager", now=today).invitation
    monkeypatch.setattr("chalicelib.web.call.datetime", _Later)
    over = visitor.get(f"/i/{links.invitation_token(made)}")
    assert (over.status, "This offer has run out." in over.text) == (410, True)
    assert place(ana) in over.links
    assert "You are number 1 in line." in visitor.get(place(ana)).text


class _Later(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(hours=25)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ended", "words"),
    [("removed", "Demo took you off the waitlist."), ("accepted", "You have accepted the offer."), ("closed", "The waitlist is closed")],
)
def test_the_page_shows_the_outcome_of_the_entry(ended: str, words: str, visitor: Browser, join: Join) -> None:
    ana = join("ana")
    entries.leave(ana, ended)  # type: ignore[arg-type]
    assert words in visitor.get(place(ana)).text


def test_in_french(french: Browser, session: Session) -> None:
    page = french.get(public(session))
    fields = {"name": "Cléo", "email": "cleo@example.org", "spots": "2"}
    mine = french.follow(french.send(page, fields, action=public(session) + "/waitlist"))
    assert "Vous êtes au rang 1." in mine.text
    assert "Dès que 2 places sont libres" in mine.text


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
    assert "too few spots for the first party" in page.text
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
    asked = manager.get(own(ana, "/move"))
    assert asked.form().fields["position"] == "1"
    assert manager.send(asked, {"position": "nowhere"}).described("position")
    manager.send(asked, {"position": "3"})
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
    asked = manager.get(taking_back)
    assert "They stay on the waitlist, but get no other offer" in asked.text
    manager.send(asked, {})
    waitlist.advance("demo", session.id, now=datetime.now(today.tzinfo))
    assert "You took the offer back" in manager.get(tab(session)).text


def test_taking_off_asks_first_and_says_what_it_frees(manager: Browser, session: Session, join: Join, today: datetime) -> None:
    ana, ben = join("ana", 2), join("ben")
    grown(session, 5, now=today)
    waitlist.offer_by_hand("demo", f"{session.id}-{ana.id}", by="manager", now=today)
    asked = manager.get(own(ana, "/remove"))
    assert "its link stops working, and 2 spots are free for the others" in asked.text
    assert "No e-mail is sent." in asked.text
    assert "They lose their place." in manager.get(own(ben, "/remove")).text
    done = manager.follow(manager.send(asked, {}))
    assert "1 waits no more Ana ana@example.org · 2 spots · joined today" in done.text
    assert sessions.read_session("demo", session.id, now=today).spots.held == 0
    assert manager.get(own(ana, "/remove")).status == 409
    assert manager.get(f"/o/demo/waitlist/{session.id}-nobody/remove").status == 404


def test_cancelling_the_session_ends_its_waitlist(manager: Browser, visitor: Browser, session: Session, join: Join) -> None:
    ana = join("ana")
    asked = manager.get(f"/o/demo/sessions/{session.id}/cancel")
    assert "1 party is taken off the waitlist, and told with everybody else." in asked.text
    manager.send(asked, {})
    assert "This session does not take place" in visitor.get(place(ana)).text
    page = manager.get(tab(session))
    assert tab(session) + "/add" not in page.links


def test_viewers_see_the_waitlist_without_actions(as_role: Callable[[str], Browser], session: Session, join: Join) -> None:
    ana = join("ana")
    page = as_role("viewer").get(tab(session))
    assert "1. Ana" in page.text
    assert own(ana) not in page.html
    assert tab(session) + "/add" not in page.links


@pytest.fixture
def pair(make_session: Callable[..., Session], today: datetime) -> tuple[Session, Session]:
    """Two full sessions with a tag in common, of one spot each."""
    found = []
    for title in ("Tuesday pots", "Thursday pots"):
        full = make_session(title=title, spots_total=1, tags=["pots"])
        registered(full, 1, now=today)
        found.append(full)
    return found[0], found[1]


def test_a_family_ticks_the_sessions_that_suit_too_and_leaves_all_of_them(visitor: Browser, pair: tuple[Session, Session]) -> None:
    first, second = pair
    page = visitor.get(public(first))
    assert "Would another session suit, too?" in page.text
    assert "Thursday pots" in page.text
    form = page.form(f"{public(first)}/waitlist")
    ticked = {**form.fields, "name": "Cleo", "email": "cleo@example.org", f"alternatives/{second.id}": "true"}
    here = visitor.follow(visitor.post(f"{public(first)}/waitlist", ticked))
    assert "You are number 1 in line." in here.text
    assert "Your other waitlists" in here.text
    made = {session.id: entries.list_entries("demo", session.id)[0] for session in pair}
    assert f'href="{place(made[second.id])}"' in here.html
    asked = visitor.get(place(made[first.id]) + "/leave")
    assert "You also wait for 1 other session" in asked.text
    visitor.post(place(made[first.id]) + "/leave", {"everywhere": "true"})
    assert [status(one) for one in made.values()] == ["left", "left"]
    assert "You have left the waitlist" in visitor.get(place(made[second.id])).text


def test_a_ticked_session_that_has_room_by_now_is_named_at_its_box(
    visitor: Browser, pair: tuple[Session, Session], today: datetime
) -> None:
    first, second = pair
    form = visitor.get(public(first)).form(f"{public(first)}/waitlist")
    grown(second, 3, now=today)
    ticked = {**form.fields, "name": "Cleo", "email": "cleo@example.org", f"alternatives/{second.id}": "true"}
    refused = visitor.post(f"{public(first)}/waitlist", ticked)
    assert refused.status == 409
    assert "“Thursday pots” has enough free spots" in refused.text
    assert not entries.list_entries("demo", first.id)


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
