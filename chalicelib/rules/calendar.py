"""Calendar files (RFC 5545): what a mail program or a telephone puts into its calendar, changes there, and takes out again."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from urllib.parse import quote

from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session

MOST_OCTETS = 75
PRODUCT = "-//Rollbook//Rollbook//EN"


class Organiser(NamedTuple):
    name: str
    email: str


class Event(NamedTuple):
    """One date. The same `uid` with a higher `sequence` replaces what a calendar has."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""
    organiser: Organiser | None = None


def booked(session: Session, registration: Registration, meetings: Iterable[Meeting], *, url: str, by: Organiser) -> Iterator[Event]:
    """Return the dates of a registration, of those given, as every calendar file has them: an e-mail and a feed name the same ones."""
    for meeting in meetings:
        if registration.covers(meeting):
            yield Event(
                uid=f"{session.id}-{registration.id}-{meeting.id}@rollbook",
                sequence=session.version,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                summary=session.title,
                location=session.location,
                description=", ".join(registration.participants),
                url=url,
                organiser=by,
            )


def calendar(events: Sequence[Event], *, method: Literal["PUBLISH", "CANCEL"], stamp: datetime) -> str:
    """Return a calendar file that publishes the events, or cancels them."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    for event in events:
        lines += _event(event, "CANCELLED" if method == "CANCEL" else "CONFIRMED", stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(event: Event, status: str, stamp: datetime) -> list[str]:
    texts = {"SUMMARY": event.summary, "LOCATION": event.location, "DESCRIPTION": event.description}
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{_moment(stamp)}",
        f"DTSTART:{_moment(event.starts_at)}",
        f"DTEND:{_moment(event.ends_at)}",
        *(f"{name}:{_escaped(text)}" for name, text in texts.items() if text),
        *([f"URL:{_one_line(event.url)}"] if event.url else []),
        *([_organiser(event.organiser)] if event.organiser else []),
        f"STATUS:{status}",
        "END:VEVENT",
    ]


def _organiser(organiser: Organiser) -> str:
    return f"ORGANIZER;CN={_parameter(organiser.name)}:mailto:{quote(organiser.email, safe='@+')}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, written)
    return text


def _parameter(text: str) -> str:
    """Return a quoted parameter value, which cannot hold a double quote."""
    return '"' + _one_line(text).replace('"', "'") + '"'


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _folded(line: str) -> Iterator[str]:
    """Return the line in parts of at most 75 octets, each after the first led by a space; no character is cut."""
    part, room = "", MOST_OCTETS
    for character in line:
        size = len(character.encode())
        if size > room:
            yield part
            part, room = " ", MOST_OCTETS - 1
        part += character
        room -= size
    yield part
