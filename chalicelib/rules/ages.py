"""The ages that a session is for, in whole years on the day of the first meeting that somebody attends."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from chalicelib.rules.refusals import Conflict, Fault, Invalid
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local
from chalicelib.rules.translation import N_, Filled

AgeCode = Literal["date_of_birth_needed", "too_young", "too_old"]
NEEDED = N_("Enter the date of birth of %(name)s.")
OUTSIDE = N_("%(name)s is %(age)d on the first date. This session is for ages %(ages)s.")


class Person(NamedTuple):
    """A participant with the date of birth, which is empty where it is not known."""

    name: str
    date_of_birth: str = ""


class AgeFault(NamedTuple):
    """Why a participant may not take part: the participant's index in the party, the name, and the age on the day."""

    participant: int
    code: AgeCode
    name: str
    age: int
    ages: str

    @property
    def sentence(self) -> str:
        return NEEDED if self.code == "date_of_birth_needed" else OUTSIDE

    @property
    def field(self) -> str:
        return f"participants/{self.participant}/date_of_birth"


class AgeNotAllowed(Invalid):
    """Some participants are too young or too old on the day, or their date of birth is missing."""

    code = "age_not_allowed"
    sentence = N_("This session is for ages %(ages)s on the first date. Look at the dates of birth marked below.")

    def __init__(self, found: Sequence[AgeFault]) -> None:
        self.ages = found[0].ages
        self.faults = faults_of(found)


class AgeToConfirm(Conflict):
    """Some participants are too young or too old on the day. Staff may confirm that they take part all the same."""

    code = "age_to_confirm"
    sentence = N_("This session is for ages %(ages)s. Age on the first date: %(participants)s. Confirm it to add them all the same.")

    def __init__(self, found: Sequence[AgeFault]) -> None:
        self.ages = found[0].ages
        self.participants = ", ".join(f"{fault.name} {fault.age}" for fault in found)


def faults_of(found: Sequence[AgeFault]) -> list[Fault]:
    """Return the faults of the fields."""
    return [(f"/{fault.field}", fault.code, Filled(fault.sentence, fault._asdict())) for fault in found]


def age_on(born: date, day: date) -> int:
    """Return the age in whole years on a day. A birthday on 29 February is on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def first_day(session: Session, covers_from: datetime) -> date:
    """Return the day, in the session's zone, of the first meeting that begins after a moment; of the last one if none does."""
    covered = (meeting for meeting in session.active_meetings if meeting.starts_at > covers_from)
    return local(next(covered, session.active_meetings[-1]).starts_at, session.time_zone).date()


def age_faults(session: Session, people: Sequence[Person], covers_from: datetime) -> list[AgeFault]:
    """Return why some of these people may not take part; empty when all may, or the session is for every age."""
    if not session.ages:
        return []
    day = first_day(session, covers_from)
    checked = [(index, person, _fault(session, person.date_of_birth, day)) for index, person in enumerate(people)]
    return [AgeFault(index, code, person.name, age, session.ages) for index, person, (code, age) in checked if code]


def known_misfits(session: Session, people: Sequence[Person], covers_from: datetime) -> list[AgeFault]:
    """Return who is known to be too young or too old. Who was born on an unknown day is not."""
    return [fault for fault in age_faults(session, people, covers_from) if fault.code != "date_of_birth_needed"]


def _fault(session: Session, born: str, day: date) -> tuple[AgeCode | None, int]:
    if not born:
        return "date_of_birth_needed", 0
    age = age_on(date.fromisoformat(born), day)
    if session.min_age is not None and age < session.min_age:
        return "too_young", age
    return ("too_old" if session.max_age is not None and age > session.max_age else None), age
