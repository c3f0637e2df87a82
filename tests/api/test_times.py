"""R11: invalid and impossible times, and the rules on the order of times in a session."""

from typing import Any

import pytest

from tests.api.bodies import in_days, session_body
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office
from tests.http import Response

NO_MOMENTS = {
    "without offset": "2030-11-24T16:00:00",
    "a date": "2030-11-24",
    "a time": "16:00:00Z",
    "year 1": "0001-01-01T00:00:00Z",
    "year 1 and an offset": "0001-01-01T00:00:00+14:00",
    "year 1970": "1970-12-31T23:59:59Z",
    "year 9999": "9999-12-31T23:59:59Z",
    "year 9999 and an offset": "9999-12-31T23:59:59-12:00",
    "five digits": "12030-11-24T16:00:00Z",
    "a leap second": "2030-12-31T23:59:60Z",
    "30 February": "2030-02-30T16:00:00Z",
    "29 February of no leap year": "2030-02-29T16:00:00Z",
    "month 13": "2030-13-01T16:00:00Z",
    "25 o'clock": "2030-11-24T25:00:00Z",
    "24 o'clock": "2030-11-24T24:00:00Z",
    "an offset beyond the day": "2030-11-24T16:00:00+25:00",
    "a zone": "2030-11-24T16:00:00[Europe/Paris]",
    "seconds since 1970": "1922000000",
    "milliseconds since 1970": "1922000000000",
    "a decimal": "1922000000.5",
    "a negative number": "-1922000000",
    "a number": 1922000000,
    "words": "tomorrow",
    "nothing": "",
    "no": None,
    "yes": True,
    "spaces": " 2030-11-24T16:00:00Z ",
    "Arabic digits": "٢٠٣٠-11-24T16:00:00Z",
    "a line break": "2030-11-24T16:00:00Z\n",
}
MOMENTS = {
    "2030-11-24T16:00:00Z": "2030-11-24T16:00:00Z",
    "2030-11-24t16:00:00z": "2030-11-24T16:00:00Z",
    "2030-11-24T16:00:00+01:00": "2030-11-24T15:00:00Z",
    "2030-11-24T16:00:00-11:30": "2030-11-25T03:30:00Z",
    "2030-11-24T16:00:00.999999Z": "2030-11-24T16:00:00Z",
    "2032-02-29T23:59:59Z": "2032-02-29T23:59:59Z",
    "2030-11-24T00:00:00+14:00": "2030-11-23T10:00:00Z",
}


def told(response: Response) -> set[str]:
    assert (response.status, response.json["code"]) == (422, "validation_failed"), response.text
    return {error["field"] for error in response.json["errors"]}


def meeting(starts: Any, ends: Any) -> dict[str, Any]:
    return {"starts_at": starts, "ends_at": ends}


@pytest.mark.parametrize("moment", NO_MOMENTS.values(), ids=NO_MOMENTS)
def test_an_invalid_time_is_refused_in_every_field(demo: Office, moment: Any) -> None:
    session = demo.kept_thing("session", lambda: {"session": demo.session()})["session"]
    with nothing_stored():
        made = demo.call("POST", "/sessions", session_body(meetings=[meeting(moment, in_days(10))]))
        assert told(made) == {"/meetings/0/starts_at"}
        if moment is not None:
            assert told(demo.edit(session, registration_opens_at=moment)) == {"/registration_opens_at"}
            assert told(demo.ask(session, expires_at=moment)) == {"/expires_at"}


@pytest.mark.parametrize(("written", "read"), MOMENTS.items())
def test_a_moment_is_kept_in_utc_to_the_second(demo: Office, written: str, read: str) -> None:
    session = demo.session(registration_closes_at=written, registration_opens_at="2026-01-01T00:00:00Z")
    assert demo.read(session)["registration_closes_at"] == read


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2030-11-24T16:00:00Z", "2030-11-24T16:00:00Z"),
        ("2030-11-24T16:00:00Z", "2030-11-24T15:59:59Z"),
        ("2030-11-24T16:00:00+01:00", "2030-11-24T15:00:00Z"),
        ("2030-11-24T16:00:00Z", "2030-11-24T16:00:00.9Z"),
        ("2030-11-24T16:00:00Z", "2030-12-25T16:00:01Z"),
    ],
)
def test_a_meeting_ends_after_it_starts_and_within_a_month(demo: Office, starts: str, ends: str) -> None:
    session = demo.kept_thing("session", lambda: {"session": demo.session()})["session"]
    with nothing_stored():
        assert told(demo.call("POST", "/sessions", session_body(meetings=[meeting(starts, ends)]))) == {"/meetings/0"}
        assert told(demo.edit(session, meetings=[meeting(in_days(1), in_days(1.1)), meeting(starts, ends)])) == {"/meetings/1"}


def test_registration_closes_after_it_opens(demo: Office) -> None:
    session = demo.session(registration_opens_at=in_days(2), registration_closes_at=in_days(8))
    with nothing_stored():
        for opens, closes in ((in_days(3), in_days(2)), (in_days(3), in_days(3))):
            body = session_body(registration_opens_at=opens, registration_closes_at=closes)
            made = demo.call("POST", "/sessions", body)
            assert (made.status, {code for _, code in made.faults}) == (422, {"closes_before_it_opens"})
            edited = demo.edit(session, registration_opens_at=opens, registration_closes_at=closes)
            assert (edited.status, edited.json["code"]) == (422, "closes_before_it_opens")
        assert demo.edit(session, registration_opens_at=in_days(8.5)).json["code"] == "closes_before_it_opens"
        assert demo.edit(session, registration_closes_at=in_days(1)).json["code"] == "closes_before_it_opens"


def test_two_hundred_meetings_come_back_in_order(demo: Office) -> None:
    days = [*range(200, 100, -1), *range(1, 101)]
    session = demo.session(meetings=[meeting(in_days(day), in_days(day + 0.05)) for day in days])
    meetings = demo.read(session)["meetings"]
    assert [one["starts_at"] for one in meetings] == sorted(one["starts_at"] for one in meetings)
    assert len({one["id"] for one in meetings}) == 200


@pytest.mark.parametrize("zone", ["Pacific/Apia", "Asia/Kathmandu", "America/St_Johns", "UTC", "Etc/GMT+12", "Africa/Casablanca"])
def test_a_zone_of_any_kind(demo: Office, zone: str) -> None:
    assert demo.read(demo.session(time_zone=zone))["time_zone"] == zone


@pytest.mark.parametrize("hour", ["9", "9:00", "24:00", "21:00:30", "21:00+01:00", "21:00Z", "", None, 21, "21h"])
def test_quiet_hours_are_local_times_to_the_minute(demo: Office, hour: Any) -> None:
    with nothing_stored():
        assert told(demo.call("PATCH", "", {"quiet_hours": {"starts": hour, "ends": "08:00"}}, by="owner")) == {"/quiet_hours/starts"}
