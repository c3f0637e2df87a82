"""Planning, copying and moving sessions on pages: every date is shown before anything is made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.operations import sessions
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import sessions as table
from tests.pages.browser import Browser

NEW = "/o/demo/sessions/new"
TUESDAY = {
    "title": "Karate",
    "time_zone": "Europe/Paris",
    "spots_total": "12",
    "tiers/0/name": "Child",
    "tiers/0/price/amount": "0",
    "meetings/0/starts_at": "2040-10-02T17:00",
    "meetings/0/ends_at": "2040-10-02T18:30",
    "repeat/every": "1",
    "repeat/times": "12",
    "except/0/day": "2040-10-23",
    "except/1/day": "2040-10-30",
}


def all_sessions() -> list[Session]:
    now = datetime.now(UTC)
    return [view.session for view in sessions.list_sessions("demo", now=now, limit=100).items if view.session.title == "Karate"]


def test_twelve_tuesdays_without_two_holidays(manager: Browser) -> None:
    preview = manager.send(manager.get(NEW), {**TUESDAY, "repeat/as": "course"}, action=NEW)
    assert preview.status == 200
    assert all_sessions() == []
    ticked = [name for name, value in preview.form(NEW).fields.items() if name.startswith("day/") and value]
    assert len(ticked) == 12
    changed = manager.send(preview, {"confirmed": "true", "day/2040-11-06": ""}, action=NEW)
    assert (changed.status, all_sessions()) == (200, []), "the list has changed since it was shown: it is shown again"
    assert manager.send(changed, {"confirmed": "true"}, action=NEW).status == 303
    (course,) = all_sessions()
    assert len(course.meetings) == 12
    assert {f"{meeting.starts_at:%m-%d}" for meeting in course.meetings} & {"10-23", "10-30", "11-06"} == set()


def test_a_repetition_without_an_end_is_shown_at_its_field(manager: Browser) -> None:
    refused = manager.send(manager.get(NEW), {**TUESDAY, "repeat/as": "course", "repeat/times": ""}, action=NEW)
    assert refused.status == 422
    assert "Give either the last day or the number of dates." in refused.text
    assert refused.form(NEW).fields["except/1/day"] == "2040-10-30"


def test_this_and_the_following_of_a_series(manager: Browser) -> None:
    preview = manager.send(manager.get(NEW), {**TUESDAY, "repeat/as": "series", "repeat/times": "3"}, action=NEW)
    created = manager.follow(manager.send(preview, {"confirmed": "true"}, action=NEW))
    first, second, third = all_sessions()
    assert created.path == f"/o/demo/sessions?series={first.series}&done=series-created"
    assert created.path.partition("&")[0] in manager.get(f"/o/demo/sessions/{second.id}").links
    table.save(replace(third, location="Own hall"), [], 0, was=third)
    edit = f"/o/demo/sessions/{second.id}/edit"
    form = manager.get(edit)
    assert "This and the following (2 sessions in all)" in form.text
    moved = {"scope": "following", "meetings/0/starts_at": "2040-10-10T18:00", "meetings/0/ends_at": "2040-10-10T19:00"}
    assert manager.send(form, moved, action=edit).status == 303
    after = all_sessions()
    assert [one.starts_at - first.starts_at for one in after] == [timedelta(0), timedelta(days=8, hours=1), timedelta(days=15, hours=1)]
    assert after[2].location == "Own hall", "only what was changed is changed on the others"


def test_the_list_of_a_series_has_no_other_session(manager: Browser, session: Session) -> None:
    assert session.title in manager.get("/o/demo/sessions").text
    page = manager.get("/o/demo/sessions?series=none")
    assert (session.title in page.text, "Only the sessions of one series." in page.text) == (False, True)


def test_a_copy_and_a_cancelled_date(manager: Browser, session: Session) -> None:
    second = Meeting("m2", session.starts_at + timedelta(weeks=1), session.ends_at + timedelta(weeks=1))
    table.save(replace(session, meetings=(*session.meetings, second)), [], 0, was=session)
    path = f"/o/demo/sessions/{session.id}"
    cancel, restore, copy = f"{path}/meetings/m2/cancel", f"{path}/meetings/m2/restore", f"{path}/duplicate"
    question = manager.get(cancel)
    assert "0 people get an e-mail." in question.text
    assert manager.send(question, {"reason": "Snow"}, action=cancel).status == 303
    assert [bool(one.cancelled_at) for one in table.get("demo", session.id).meetings] == [False, True]
    for where in (path, f"/p/demo/sessions/{session.id}", f"{path}/meetings/m2"):
        assert "Snow" in manager.get(where).text
    assert restore in manager.get(f"{path}/edit").links
    assert manager.send(manager.get(restore), {}, action=restore).status == 303
    wrong = manager.send(manager.get(copy), {"starts_at": ""}, action=copy)
    assert wrong.status == 422
    assert manager.send(wrong, {"starts_at": "2040-01-10T17:00", "title": "Karate"}, action=copy).status == 303
    assert len(all_sessions()[0].meetings) == 2
