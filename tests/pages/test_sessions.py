"""Sessions as staff make, change, list and end them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.operations import registrations, sessions
from chalicelib.pages.sessions.sheets import NoSuchAmountError, amount_field, amount_of
from chalicelib.rules.drafts.registrations import RegistrationDraft
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


def made(answer: Page) -> Session:
    assert answer.status == 303, answer.text
    return sessions.read_session("demo", answer.headers["location"].partition("?")[0].split("/")[4], now=datetime.now(UTC)).session


def test_a_session_is_made_of_what_the_form_says(manager: Browser) -> None:
    session = made(manager.send(manager.get(NEW), CAMP))
    assert (session.title, session.location, session.description, session.spots_total) == ("Camp", "Parc Monceau", "Bring boots.", 12)
    assert session.tags == ("outdoors", "summer")
    assert [written(meeting.starts_at) for meeting in session.meetings] == [f"{NEXT_YEAR}-07-01T13:00:00Z", f"{NEXT_YEAR}-07-02T13:00:00Z"]
    assert [tier.price for tier in session.tiers] == [Money(1250, "EUR"), Money(900, "EUR")]
    assert written(session.registration_closes_at) == f"{NEXT_YEAR}-06-30T16:00:00Z"
    question = session.questions[0]
    assert (question.kind, question.options, question.required) == ("choice", ("S", "M", "L"), True)


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
    answer = manager.send(manager.get(NEW), wrong)
    assert answer.status == 422
    faulty = {name for name in wrong if answer.described(name)}
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
    kept = answer.form().fields
    assert {name: kept[name] for name in wrong} == wrong


def test_an_hour_that_does_not_exist_is_refused(manager: Browser) -> None:
    spring = max(day for day in range(25, 32) if datetime(NEXT_YEAR, 3, day, tzinfo=UTC).weekday() == 6)
    skipped = {"time_zone": "Europe/Paris", "meetings/0/starts_at": f"{NEXT_YEAR}-03-{spring}T02:30"}
    answer = manager.send(manager.get(NEW), {**CAMP, **skipped})
    assert "Clocks go forward" in answer.described("meetings/0/starts_at")


def test_an_empty_form_asks_for_what_is_needed(manager: Browser) -> None:
    answer = manager.send(manager.get(NEW), {"tiers/0/name": "", "time_zone": ""})
    needed = ["title", "meetings/0/starts_at", "tiers/0/name", "spots_total", "time_zone"]
    assert [name for name in needed if not answer.described(name)] == []


def test_more_rows_come_without_javascript(manager: Browser) -> None:
    typed = {"title": "Course", "meetings/0/starts_at": f"{NEXT_YEAR}-07-01T09:00"}
    page = manager.send(manager.get(NEW), {**typed, "more": "meetings"})
    assert page.status == 200
    fields = page.form().fields
    assert {name: fields[name] for name in typed} == typed
    assert "meetings/3/ends_at" in fields
    asked = manager.send(page, {"more": "questions"})
    assert "questions/0/label" in asked.form().fields


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.50", "EUR", 1250),
        ("12,5", "EUR", 1250),
        ("0", "EUR", 0),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("1000000", "EUR", 100_000_000),
    ],
)
def test_amounts_in_minor_units(text: str, currency: str, amount: int) -> None:
    assert amount_of(text, currency) == amount
    assert amount_of(amount_field(amount, currency), currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [("", "EUR"), ("-1", "EUR"), ("1.234", "EUR"), ("0.5", "JPY"), ("NaN", "EUR"), ("1e9", "EUR"), ("Infinity", "EUR"), ("free", "EUR")],
)
def test_what_is_no_amount(text: str, currency: str) -> None:
    with pytest.raises(NoSuchAmountError):
        amount_of(text, currency)


def test_saving_what_the_form_shows_changes_nothing(manager: Browser) -> None:
    session = made(manager.send(manager.get(NEW), CAMP))
    saved = made(manager.send(manager.get(f"/o/demo/sessions/{session.id}/edit"), {}))
    opens = session.registration_opens_at.replace(second=0)
    assert saved.registration_opens_at == opens
    different = {name for name in Session.__dataclass_fields__ if getattr(saved, name) != getattr(session, name)}
    assert different <= {"version", "registration_opens_at"}


def test_a_session_changes(manager: Browser, session: Session) -> None:
    page = manager.get(f"/o/demo/sessions/{session.id}/edit")
    later = local(session.starts_at, "Europe/Paris") + timedelta(days=1)
    when = {"meetings/0/starts_at": f"{later:%Y-%m-%dT%H:%M}", "meetings/0/ends_at": f"{later + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    changed = made(manager.send(page, {"title": "Judo for two", "spots_total": "7", **when}))
    assert (changed.title, changed.spots_total) == ("Judo for two", 7)
    assert changed.meetings[0].id == session.meetings[0].id
    assert changed.registration_closes_at == changed.last_starts_at


def test_somebody_who_edits_an_old_version_is_told(manager: Browser, session: Session) -> None:
    page = manager.get(f"/o/demo/sessions/{session.id}/edit")
    assert manager.send(page, {"title": "First"}).status == 303
    late = manager.send(page, {"title": "Second"})
    assert late.status == 412
    assert "Somebody changed this while you were editing it." in late.text
    assert late.form().fields["title"] == "Second"


def test_fewer_spots_than_people_asks_first(manager: Browser, session: Session, invite: Invite) -> None:
    invite("ana@example.org", party_size=3)
    asked = manager.send(manager.get(f"/o/demo/sessions/{session.id}/edit"), {"spots_total": "2"})
    assert asked.status == 409
    assert "3 spots are taken or held already." in asked.text
    assert made(manager.send(asked, {"confirm_below_use": "true"})).spots_total == 2


def test_the_list_shows_what_comes_and_what_has_been(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
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
        assert "No session is coming." in page.text
        assert NEW in page.links
        assert NEW not in as_role("viewer").get(path).links


def test_today_shows_what_runs_out_soon(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    invite("soon@example.org", expires_at=today + timedelta(hours=5))
    invite("later@example.org")
    text = manager.get("/o/demo").text
    assert "soon@example.org" in text
    assert "in 4 hours" in text
    assert "later@example.org" not in text
    assert "0 taken · 2 held · 3 free of 5" in text


def test_cancelling_says_what_happens_first(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    draft = RegistrationDraft.model_validate({"email": "x@example.org", "name": "X", "participants": [{"name": "X"}]})
    registrations.register("demo", session.id, draft, locale="en", key="1", now=today)
    invite("ana@example.org")
    asked = manager.get(f"/o/demo/sessions/{session.id}/cancel")
    for sentence in ("1 registration stays as history.", "1 invitation ends, and its link stops working.", "This cannot be undone."):
        assert sentence in asked.text
    assert asked.form().fields["tell"] == "true"
    shown = manager.follow(manager.send(asked, {"reason": "The teacher is ill."}))
    assert "Cancelled on" in shown.text
    assert "The teacher is ill." in shown.text
    assert f"/o/demo/sessions/{session.id}/invite" not in shown.links


def test_only_an_untouched_session_is_deleted(
    manager: Browser, make_session: Callable[..., Session], session: Session, invite: Invite
) -> None:
    invite("ana@example.org")
    answer = manager.send(manager.get(f"/o/demo/sessions/{session.id}/delete"), {})
    assert answer.status == 409
    assert "Cancel it instead" in answer.text
    other = make_session(title="Mistake")
    done = manager.follow(manager.send(manager.get(f"/o/demo/sessions/{other.id}/delete"), {}))
    assert "The session is deleted." in done.text
    assert manager.get(f"/o/demo/sessions/{other.id}").status == 404


def test_what_staff_type_is_text(manager: Browser) -> None:
    nasty = '<script>alert("x")</script>'
    session = made(manager.send(manager.get(NEW), {**CAMP, "title": nasty, "description": nasty, "location": nasty}))
    for path in (
        "/o/demo",
        f"/o/demo/sessions/{session.id}",
        f"/p/demo/sessions/{session.id}",
        "/p/demo",
        f"/o/demo/sessions/{session.id}/edit",
    ):
        html = manager.get(path).html
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
