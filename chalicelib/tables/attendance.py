"""Attendance: a row with the counts of each meeting that has marks, and the marks in parts after it.

A write reads everything of its meeting, merges its marks, and is written over what it read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.attendance import Counts, Mark, Marks, MeetingCounts, ParticipantKey, in_parts, parts_needed
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.sessions import Meeting
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import NEW, THERE, Update, as_read
from chalicelib.tables.items import Item, item, plain, stored

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MeetingKey = tuple[str, str]
"""Session and meeting."""


@dataclass(frozen=True, slots=True)
class MeetingAttendance:
    """The marks of a meeting as they were read, with the versions of their rows: of the counts, then of each part."""

    meeting: str
    marks: Marks = field(default_factory=dict)
    version: int = 0
    counts: MeetingCounts | None = None
    """As they were last written; None without marks."""
    parts: Mapping[int, int] = field(default_factory=dict)


def read(org: str, session: str, meeting: str) -> MeetingAttendance:
    """Return the marks of a meeting; none for one without marks."""
    key = keys.attendance(org, session, meeting)
    found = dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={":pk": {"S": key.pk}, ":first": {"S": key.sk}, ":last": {"S": f"{key.sk}#~"}},
        ConsistentRead=True,
    )
    return _attendance(meeting, [plain(row) for row in found])


def of_session(org: str, session: str) -> dict[str, MeetingAttendance]:
    """Return the marks of all meetings of a session, by meeting."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :first)",
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session)}, ":first": {"S": keys.ATTENDANCE}},
        ConsistentRead=True,
    ):
        values = plain(row)
        found.setdefault(values["sk"].removeprefix(keys.ATTENDANCE).partition("#")[0], []).append(values)
    return {meeting: _attendance(meeting, rows) for meeting, rows in found.items()}


def counts_between(org: str, first: datetime, last: datetime) -> dict[MeetingKey, MeetingCounts]:
    """Return the counts of the meetings that start between two moments, both included: one request for some thousands of meetings."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="calendar",
        KeyConditionExpression="calendar = :org AND calendar_at BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":org": stored(keys.attendance_listed(org)),
            ":first": stored(times.written(first)),
            ":last": stored(f"{times.written(last)}#~"),
        },
    )
    return dict(_counted(plain(row)) for row in found)


def counts_of(org: str, meetings: Sequence[MeetingKey]) -> dict[MeetingKey, MeetingCounts]:
    """Return the counts of those of these meetings that have marks, a hundred per request."""
    found: dict[MeetingKey, MeetingCounts] = {}
    for first in range(0, len(meetings), 100):
        wanted = [keys.attendance(org, *meeting) for meeting in meetings[first : first + 100]]
        rows = dynamodb.batch_get({config().rosters_table: wanted}).values()
        found |= dict(_counted(plain(row)) for row in rows)
    return found


def write(
    org: str,
    session: str,
    meeting: Meeting,
    was: MeetingAttendance,
    marks: Marks,
    counts: MeetingCounts,
    beside: Sequence[dict[str, Any]] = (),
) -> None:
    """Write the marks of a meeting over those that were read, with its counts and `beside`, in one transaction.

    Raises ChangedMeanwhile when another device has written marks since: they are then read and merged again.
    """
    parts = in_parts(marks, parts_needed(counts.covered, len(was.parts)))
    before = in_parts(was.marks, len(was.parts)) if was.parts else []
    changed = [number for number, part in enumerate(parts) if number >= len(before) or part != before[number]]
    rows = [_part_write(org, session, meeting.id, number, parts[number], was) for number in changed]
    try:
        dynamodb.transact([_counts_write(org, session, meeting, counts, was), *rows, *beside])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def write_counts(org: str, session: str, meeting: str, was: MeetingAttendance, counts: MeetingCounts) -> None:
    """Write the counts of a meeting whose roster has changed. Raises ChangedMeanwhile when marks were written since."""
    counted = Update().set(counts=list(counts.counts[1:]), covered=counts.covered).add(version=1)
    try:
        dynamodb.update(config().rosters_table, keys.attendance(org, session, meeting), counted, as_read(was.version), want="NONE")
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None


def relist(org: str, session: str, meeting: Meeting) -> None:
    """List the counts of a meeting under its new start. Does nothing for one without marks. Idempotent."""
    listed = Update().set(calendar_at=_listed_at(session, meeting))
    try:
        dynamodb.update(config().rosters_table, keys.attendance(org, session, meeting.id), listed, THERE, want="NONE")
    except dynamodb.ConditionFailed:
        return


def _counts_write(org: str, session: str, meeting: Meeting, counts: MeetingCounts, was: MeetingAttendance) -> dict[str, Any]:
    row = {
        "calendar": keys.attendance_listed(org),
        "calendar_at": _listed_at(session, meeting),
        "counts": list(counts.counts[1:]),
        "covered": counts.covered,
        "version": was.version + 1,
    }
    key = keys.attendance(org, session, meeting.id)
    return _put(key, row, was.version)


def _part_write(org: str, session: str, meeting: str, number: int, marks: Marks, was: MeetingAttendance) -> dict[str, Any]:
    version = was.parts.get(number, 0)
    return _put(keys.attendance_part(org, session, meeting, number), {"m": _written(marks), "version": version + 1}, version)


def _put(key: keys.Key, values: dict[str, Any], version: int) -> dict[str, Any]:
    row: Item = {**key.stored(), **item(values)}
    return dynamodb.put_write(config().rosters_table, row, as_read(version) if version else NEW)


def _attendance(meeting: str, rows: Sequence[dict[str, Any]]) -> MeetingAttendance:
    marks: dict[ParticipantKey, Mark] = {}
    parts: dict[int, int] = {}
    version, counts = 0, None
    for row in rows:
        number = row["sk"].removeprefix(keys.ATTENDANCE).partition("#")[2]
        if number:
            parts[int(number)] = row["version"]
            marks.update(_read(row["m"]))
        else:
            version, counts = row["version"], _counts(row)
    return MeetingAttendance(meeting, marks, version, counts, parts)


def _counted(row: dict[str, Any]) -> tuple[MeetingKey, MeetingCounts]:
    _, session, meeting = row["calendar_at"].split("#")
    return (session, meeting), _counts(row)


def _counts(row: Mapping[str, Any]) -> MeetingCounts:
    return MeetingCounts(Counts(0, *row["counts"]), row["covered"])


def _listed_at(session: str, meeting: Meeting) -> str:
    return f"{times.written(meeting.starts_at)}#{session}#{meeting.id}"


def _written(marks: Marks) -> dict[str, dict[str, list[Any]]]:
    """Return marks as maps by registration and participant: status, moment, author, note, first moment here."""
    found: dict[str, dict[str, list[Any]]] = {}
    for key, mark in marks.items():
        values = [mark.status, _milliseconds(mark.at), mark.by, mark.note, _milliseconds(mark.first_at) if mark.first_at else 0]
        found.setdefault(key.registration, {})[str(key.participant)] = values
    return found


def _read(stored_marks: Mapping[str, Mapping[str, Sequence[Any]]]) -> Iterator[tuple[ParticipantKey, Mark]]:
    for registration, of_participants in stored_marks.items():
        for participant, (status, at, by, note, first_at) in of_participants.items():
            yield (
                ParticipantKey(registration, int(participant)),
                Mark(status, _moment(at), by, note, _moment(first_at) if first_at else None),
            )


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


def _moment(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND
