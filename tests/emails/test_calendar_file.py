"""Calendar files conform to RFC 5545."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.emails.calendar_file import calendar_file
from chalicelib.rules.calendar import CalendarEvent, Organiser

STARTS = datetime(2026, 12, 1, 16, 0, tzinfo=timezone(timedelta(hours=1)))
STUDIO = Organiser("Atelier", "hello@atelier.example")
STAMP = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def event(by: Organiser = STUDIO, **wanted: Any) -> CalendarEvent:
    usual = {"uid": "s-r-m@rollbook", "summary": "Pottery"}
    return CalendarEvent(sequence=1, starts_at=STARTS, ends_at=STARTS + timedelta(hours=1), organiser=by, **{**usual, **wanted})


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def read(value: str) -> str:
    """Return an escaped text as a calendar program reads it."""
    read, escaped = "", False
    for character in value:
        if escaped:
            read += "\n" if character in "nN" else character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            read += character
    return read


def test_a_whole_file() -> None:
    text = calendar_file([event(location="Paris")], method="PUBLISH", stamp=STAMP)
    assert text.split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rollbook//Rollbook//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:s-r-m@rollbook",
        "SEQUENCE:1",
        "DTSTAMP:20261122T120000Z",
        "DTSTART:20261201T150000Z",
        "DTEND:20261201T160000Z",
        "SUMMARY:Pottery",
        "LOCATION:Paris",
        "ORGANIZER;CN=Atelier:mailto:hello@atelier.example",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancellation_says_so_of_the_file_and_of_every_date() -> None:
    text = calendar_file([event(), event(uid="2")], method="CANCEL", stamp=STAMP)
    assert "METHOD:CANCEL\r\n" in text
    assert text.count("STATUS:CANCELLED\r\n") == 2


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
)
def test_whatever_is_typed_comes_back_whole_and_in_short_lines(typed: str, name: str) -> None:
    by = Organiser(name, "a@example.org")
    text = calendar_file([event(by, summary=f"x{typed}", description="a\nb")], method="PUBLISH", stamp=STAMP)
    lines = text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert not [line for line in lines if "\n" in line or "\r" in line]
    summary = next(line for line in unfolded(text) if line.startswith("SUMMARY:"))
    assert read(summary.removeprefix("SUMMARY:")) == f"x{typed}"
    assert "DESCRIPTION:a\\nb" in unfolded(text)


@given(st.text(st.sampled_from('ab\r\n";:,\\é'), max_size=40))
def test_nothing_typed_begins_a_line_of_its_own(typed: str) -> None:
    organiser = Organiser(typed, "a@example.org")
    text = calendar_file([event(organiser, summary=typed, location=typed, uid=typed, url=typed)], method="PUBLISH", stamp=STAMP)
    names = [line.partition(":")[0].partition(";")[0] for line in unfolded(text) if line]
    assert names[5:9] == ["BEGIN", "UID", "SEQUENCE", "DTSTAMP"]
    assert set(names) <= {
        *("BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND"),
        *("SUMMARY", "LOCATION", "URL", "ORGANIZER", "STATUS", "END"),
    }
