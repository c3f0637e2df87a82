"""The waitlist for families: the form of a full session, and the page of a position."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations import invitations, links, waitlist
from chalicelib.rules.sessions import Session
from chalicelib.tables import waitlist as entries
from tests.pages.browser import Browser
from tests.pages.full_sessions import Join, grown, join, pair, place, public, session, set_waitlist, status

__all__ = ["join", "pair", "session"]


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
    response = visitor.send(late, fields, action=public(session) + "/waitlist")
    assert response.status == 409
    assert "1 spot is free: book now instead of waiting." in response.text
    assert "Book now" in response.text
    assert public(session) in response.links


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
    question = visitor.get(place(ana) + "/leave")
    assert "You lose your place" in question.text
    assert status(ana) == "waiting"
    left = visitor.follow(visitor.send(question, {}))
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
    question = visitor.get(place(made[first.id]) + "/leave")
    assert "You also wait for 1 other session" in question.text
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
