"""Checks in the participants of a registration by its QR code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.attendance.mark import ATTEMPTS, NewMark, write_marks
from chalicelib.operations.attendance.queries import Attendee, MeetingSheet, read_sheet
from chalicelib.rules.attendance import MeetingCancelled, meeting_now, new_mark
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import NotLeader
from chalicelib.rules.questions import AnswerValue
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session, check_not_cancelled
from chalicelib.tables import registrations, sessions

MOST_MOVES = 5


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The participants of a registration who are here now."""

    registration: Registration
    session: Session
    meeting: Meeting
    attendees: list[Attendee]
    first_at: datetime
    """When the first of them was marked as here."""
    again: bool
    """Whether all of them were here before."""

    @property
    def owed(self) -> Money:
        return owed(self.registration)

    @property
    def answers(self) -> Mapping[str, AnswerValue]:
        """The answers of the party that staff see at the door, by question."""
        return answers_at_door(self.session, dict(self.registration.answers))

    def answers_at(self, index: int) -> Mapping[str, AnswerValue]:
        """Return the answers about one participant that staff see at the door, by question."""
        return answers_at_door(self.session, dict(self.registration.details_at(index).answers))


def check_in(org: str, token: str, *, meeting: str = "", by: StaffMember, now: datetime) -> CheckedIn:
    """Mark all participants of the registration present who are not here yet, at the meeting that is on, or at this one.

    Raises NotFound for another organisation's token, NotLeader, AlreadyRemoved, SessionCancelled, MeetingCancelled, NoMeetingNow, Busy.
    """
    registration = read_registration(org, token)
    session = sessions.get(org, registration.session)
    if not by.may_on("mark_attendance", session.leaders):
        raise NotLeader
    check_not_cancelled(session)
    wanted = meeting or meeting_now(session, registration, now).id
    for _ in range(ATTEMPTS):
        sheet = read_sheet(org, session.id, wanted, now=now)
        if not sheet.takes_place:
            raise MeetingCancelled
        try:
            return _checked_in(org, registration, sheet, by=by.by, now=now)
        except ChangedMeanwhile:
            continue
    raise Busy


def read_registration(org: str, token: str) -> Registration:
    """Return the registration of a QR code, on the session that it was moved to. Raises NotFound, AlreadyRemoved."""
    named, public_id = links.read_check_in_token(token)
    if named != org:
        raise NotFound
    registration = registrations.get(*Ref.parse(org, public_id))
    links.check_check_in_token(registration, token)
    for _ in range(MOST_MOVES):
        if not registration.moved_to:
            break
        registration = registrations.get(*Ref.parse(org, registration.moved_to))
    if registration.removed_at:
        raise AlreadyRemoved
    return registration


def owed(registration: Registration) -> Money:
    """Return the amount due."""
    open_amount = 0 if registration.billing in ("paid", "refunded") else registration.total.amount - registration.paid.amount
    return Money(max(0, open_amount), registration.price.currency)


def answers_at_door(session: Session, answers: Mapping[str, AnswerValue]) -> dict[str, AnswerValue]:
    """Return those of the answers that staff see when they take attendance, by question."""
    at_door = {question.id for question in session.questions if question.at_door}
    return {id: answer for id, answer in answers.items() if id in at_door}


def _checked_in(org: str, registration: Registration, sheet: MeetingSheet, *, by: str, now: datetime) -> CheckedIn:
    mine = [one for one in sheet.attendees if one.key.registration == registration.id]
    if not mine:
        raise NotFound
    missing = [NewMark(one.key, new_mark("present", None, now=now, by=by)) for one in mine if not one.is_here]
    after = write_marks(org, sheet, missing, now=now) if missing else sheet
    here = [one for one in after.attendees if one.key.registration == registration.id]
    moments = [one.mark.first_at for one in here if one.mark and one.mark.first_at]
    return CheckedIn(registration, sheet.session, sheet.meeting, here, min(moments, default=now), again=not missing)
