"""Sessions on staff pages: create, edit, list, cancel and delete."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib import i18n
from chalicelib.operations import registrations, sessions
from chalicelib.pages.moments import unbroken
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.money import Money
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local, written
from tests.pages.browser import Browser, Page

NEW = "/o/demo/sessions/new"
Invite = Callable[..., tuple[Invitation, str]]
NEXT_YEAR = datetime.now(UTC).year + 1
CAMP = {
    "title": "Camp",
    "location": "Parc Monceau",
    "description": "Bring boots.",
    "time_zone": "America/Toronto",
    "spots_total": "12",
    "tags": "outdoors, summer ",
    "meetings/0/starts_at": f"{NEXT_YEAR}-07-01T09:00",
    "meetings/0/ends_at": f"{NEXT_YEAR}-07-01T17:00",
    "meetings/1/starts_at": f"{NEXT_YEAR}-07-02T09:00",
    "meetings/1/ends_at": f"{NEXT_YEAR}-07-02T17:00",
    "tiers/0/name": "Child",
    "tiers/0/price/amount": "12,5",
    "tiers/1/name": "Sibling",
    "tiers/1/price/amount": "9",
    "registration_opens_at": "",
    "registration_closes_at": f"{NEXT_YEAR}-06-30T12:00",
    "questions/0/label": "T-shirt",
    "questions/0/kind": "choice",
    "questions/0/options": "S, M, L",
    "questions/0/required": "true",
}


def made(response: Page) -> Session:
    assert response.status == 303, response.text
    return sessions.read_session("demo", response.headers["location"].partition("?")[0].split("/")[4], now=datetime.now(UTC)).session


def test_a_session_is_created_from_the_form(manager: Browser) -> None:
    session = made(manager.send(manager.get(NEW), CAMP))
    assert (session.title, session.location, session.description, session.spots_total) == ("Camp", "Parc Monceau", "Bring boots.", 12)
    assert session.tags == ("outdoors", "summer")
    assert [written(meeting.starts_at) for meeting in session.meetings] == [f"{NEXT_YEAR}-07-01T13:00:00Z", f"{NEXT_YEAR}-07-02T13:00:00Z"]
    assert [tier.price for tier in session.tiers] == [Money(1250, "EUR"), Money(900, "EUR")]
    assert written(session.registration_closes_at) == f"{NEXT_YEAR}-06-30T16:00:00Z"
    question = session.questions[0]
    assert (question.kind, question.options, question.required) == ("choice", ("S", "M", "L"), True)


def test_a_session_says_until_when_families_cancel_or_leaves_it_to_the_settings(manager: Browser) -> None:
    session = made(manager.send(manager.get(NEW), {**CAMP, "cancel_until_hours": "0"}))
    assert session.cancel_until_hours == 0
    edit = f"/o/demo/sessions/{session.id}/edit"
    assert manager.get(edit).form().fields["cancel_until_hours"] == "0"
    assert manager.send(manager.get(edit), {"cancel_until_hours": "soon"}).status == 422
    assert made(manager.send(manager.get(edit), {"cancel_until_hours": ""})).cancel_until_hours is None


def test_the_same_form_sent_twice_makes_one_session(manager: Browser) -> None:
    page = manager.get(NEW)
    assert made(manager.send(page, CAMP)).id == made(manager.send(page, CAMP)).id


def test_every_mistake_is_shown_beside_its_field_and_nothing_typed_is_lost(manager: Browser) -> None:
    wrong = {
        **CAMP,
        "title": "",
        "time_zone": "Mars/Olympus",
        "spots_total": "many",
        "meetings/0/ends_at": f"{NEXT_YEAR}-07-01T08:00",
        "meetings/1/starts_at": "soon",
        "tiers/0/price/amount": "-1",
        "tiers/1/price/amount": "1.234",
        "questions/0/options": "",
    }
    response = manager.send(manager.get(NEW), wrong)
    assert response.status == 422
    faulty = {name for name in wrong if response.described(name)}
    assert faulty == {
        "title",
        "time_zone",
        "spots_total",
        "meetings/0/ends_at",
        "meetings/1/starts_at",
        "tiers/0/price/amount",
        "tiers/1/price/amount",
        "questions/0/options",
    }
    kept = response.form().fields
    assert {name: kept[name] for name in wrong} == wrong


def test_an_hour_that_does_not_exist_is_refused(manager: Browser) -> None:
    spring = max(day for day in range(25, 32) if datetime(NEXT_YEAR, 3, day, tzinfo=UTC).weekday() == 6)
    skipped = {"time_zone": "Europe/Paris", "meetings/0/starts_at": f"{NEXT_YEAR}-03-{spring}T02:30"}
    response = manager.send(manager.get(NEW), {**CAMP, **skipped})
    assert "Clocks go forward" in response.described("meetings/0/starts_at")


def test_an_empty_form_asks_for_what_is_needed(manager: Browser) -> None:
    response = manager.send(manager.get(NEW), {"tiers/0/name": "", "time_zone": ""})
    needed = ["title", "meetings/0/starts_at", "tiers/0/name", "spots_total", "time_zone"]
    assert [name for name in needed if not response.described(name)] == []


def test_more_rows_come_without_javascript(manager: Browser) -> None:
    typed = {"title": "Course", "meetings/0/starts_at": f"{NEXT_YEAR}-07-01T09:00"}
    page = manager.send(manager.get(NEW), {**typed, "more": "meetings"})
    assert page.status == 200
    fields = page.form().fields
    assert {name: fields[name] for name in typed} == typed
    assert "meetings/3/ends_at" in fields
    question = manager.send(page, {"more": "questions"})
    assert "questions/0/label" in question.form().fields


def test_saving_what_the_form_shows_changes_nothing(manager: Browser, make_session: Callable[..., Session]) -> None:
    before = make_session(
        title="An autumn night",
        meetings=[{"starts_at": "2040-10-28T01:30:00Z", "ends_at": "2040-10-28T03:30:30Z"}],
        registration_opens_at="2026-05-31T21:59:59Z",
        registration_closes_at="2040-05-31T21:59:59Z",
        tags=["indoor, warm", 'a "good" one'],
        questions=[{"label": "Day", "kind": "choice", "required": False, "options": ["Sat, 10:00", "Sun, 11:00"]}],
    )
    after = made(manager.send(manager.get(f"/o/demo/sessions/{before.id}/edit"), {}))
    assert after == replace(before, version=after.version)


def test_times_are_read_again_in_a_changed_time_zone(manager: Browser, make_session: Callable[..., Session]) -> None:
    before = make_session(meetings=[{"starts_at": "2040-10-28T01:30:00Z", "ends_at": "2040-10-28T03:30:30Z"}])
    page = manager.get(f"/o/demo/sessions/{before.id}/edit")
    after = made(manager.send(page, {"time_zone": "Europe/London"}))
    assert after.meetings[0].starts_at == datetime(2040, 10, 28, 2, 30, tzinfo=UTC)
    assert after.meetings[0].ends_at == datetime(2040, 10, 28, 4, 30, tzinfo=UTC)


def test_a_session_changes(manager: Browser, session: Session) -> None:
    page = manager.get(f"/o/demo/sessions/{session.id}/edit")
    later = local(session.starts_at, "Europe/Paris") + timedelta(days=1)
    when = {"meetings/0/starts_at": f"{later:%Y-%m-%dT%H:%M}", "meetings/0/ends_at": f"{later + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    changed = made(manager.send(page, {"title": "Judo for two", "spots_total": "7", **when}))
    assert (changed.title, changed.spots_total) == ("Judo for two", 7)
    assert changed.meetings[0].id == session.meetings[0].id
    assert changed.registration_closes_at == changed.last_starts_at


def test_an_edit_of_an_old_version_is_refused(manager: Browser, session: Session) -> None:
    page = manager.get(f"/o/demo/sessions/{session.id}/edit")
    assert manager.send(page, {"title": "First"}).status == 303
    late = manager.send(page, {"title": "Second"})
    assert late.status == 412
    assert "Somebody changed this while you were editing it." in late.text
    assert "Both versions are shown below" in late.text
    assert late.form().fields["title"] == "Second"


def test_shrinking_below_use_asks_first(manager: Browser, session: Session, invite: Invite) -> None:
    invite("ana@example.org", party_size=3)
    question = manager.send(manager.get(f"/o/demo/sessions/{session.id}/edit"), {"spots_total": "2"})
    assert question.status == 409
    assert "3 spots are taken or held already." in question.text
    assert made(manager.send(question, {"confirm_below_use": "true"})).spots_total == 2


def test_the_list_shows_coming_and_past_sessions(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    begun = today - timedelta(days=3)
    make_session(title="Long gone", meetings=[{"starts_at": written(begun), "ends_at": written(begun + timedelta(hours=1))}])
    make_session(title="Soon")
    coming, past = manager.get("/o/demo/sessions").text, manager.get("/o/demo/sessions?past=1").text
    assert "Soon" in coming
    assert "Long gone" not in coming
    assert "Long gone" in past


def test_an_organisation_without_sessions_is_told_how_to_begin(manager: Browser, as_role: Callable[[str], Browser]) -> None:
    for path in ("/o/demo", "/o/demo/sessions"):
        page = manager.get(path)
        assert "No upcoming sessions." in page.text
        assert NEW in page.links
        assert NEW not in as_role("viewer").get(path).links


def test_the_dashboard_shows_invitations_that_expire_soon(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    invite("soon@example.org", expires_at=today + timedelta(hours=5))
    invite("later@example.org")
    text = manager.get("/o/demo").text
    assert "soon@example.org" in text
    assert "later@example.org" not in text


def test_only_a_session_without_history_is_deleted(
    manager: Browser, make_session: Callable[..., Session], session: Session, invite: Invite
) -> None:
    invite("ana@example.org")
    response = manager.send(manager.get(f"/o/demo/sessions/{session.id}/delete"), {})
    assert response.status == 409
    assert "Cancel it instead" in response.text
    other = make_session(title="Mistake")
    done = manager.follow(manager.send(manager.get(f"/o/demo/sessions/{other.id}/delete"), {}))
    assert "The session is deleted." in done.text
    assert manager.get(f"/o/demo/sessions/{other.id}").status == 404


def test_texts_of_staff_are_escaped(manager: Browser) -> None:
    nasty = '<script>alert("x")</script>'
    session = made(manager.send(manager.get(NEW), {**CAMP, "title": nasty, "description": nasty, "location": nasty}))
    for path in (
        f"/o/demo?view=day&date={local(session.meetings[0].starts_at, 'Europe/Paris').date()}",
        f"/o/demo/sessions/{session.id}",
        f"/p/demo/sessions/{session.id}",
        "/p/demo",
        f"/o/demo/sessions/{session.id}/edit",
    ):
        html = manager.get(path).html
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_all_pages_of_a_session_show_the_same_date_and_location(
    manager: Browser, visitor: Browser, make_session: Callable[..., Session], invite: Invite
) -> None:
    session = make_session(location="Studio 2", description="Bring a drink.")
    _, invitation = invite("ana@example.org", to=session)
    date = unbroken(i18n.when)(session.meetings[0], session.time_zone, "en")
    for browser, path in ((visitor, f"/p/demo/sessions/{session.id}"), (visitor, invitation)):
        assert f"When {date} Where Studio 2" in browser.get(path).text, path
    short = i18n.short_meeting(session.meetings[0], session.time_zone, datetime.now(UTC), "en")
    head = manager.get(f"/o/demo/sessions/{session.id}").html
    assert short in head
    assert "Studio 2" in head
    for browser, path in ((visitor, "/p/demo"), (manager, "/o/demo/sessions")):
        assert f"{short} · Studio 2" in browser.get(path).html, path


def test_lists_name_the_zone_of_a_session_elsewhere_and_of_no_other(
    manager: Browser, visitor: Browser, make_session: Callable[..., Session]
) -> None:
    here, there = make_session(title="Here"), make_session(title="There", time_zone="Asia/Tokyo")
    draft = RegistrationInput.model_validate({"email": "ana@example.org", "name": "Ana", "participants": [{"name": "Kim"}]})
    booked = registrations.register("demo", here.id, draft, locale="en", key="one", now=datetime.now(UTC)).registration
    lists = [
        manager.get("/o/demo/sessions"),
        manager.get(f"/o/demo?view=month&date={local(there.meetings[0].starts_at, 'Europe/Paris').date()}"),
        manager.get(f"/o/demo/registrations/{here.id}-{booked.id}/transfer"),
        visitor.get("/p/demo"),
    ]
    for page in lists:
        assert page.status == 200
        assert "(Asia/Tokyo)" in page.text
        assert "(Europe/Paris)" not in page.text
    assert there.time_zone == "Asia/Tokyo"


def test_a_course_says_its_next_date_first(visitor: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    starts = [today + timedelta(days=7 * week - 8) for week in range(6)]
    course = make_session(meetings=[{"starts_at": written(one), "ends_at": written(one + timedelta(hours=1))} for one in starts])
    text = visitor.get(f"/p/demo/sessions/{course.id}").text
    past, next_one = (unbroken(i18n.date_and_times)(course.meetings[index], course.time_zone, "en") for index in (0, 2))
    assert text.index(next_one) < text.index("All 6 dates") < text.index(past)
