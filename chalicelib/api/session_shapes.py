"""The shapes of a session, shared by all answers that contain one. Add a new field here once, in the class of its audience."""

from typing import Any, Self

from pydantic import ConfigDict, RootModel

from chalicelib.api.responses import Out
from chalicelib.api.shapes import Moment, MoneyOut, SpotsOut
from chalicelib.operations import links
from chalicelib.operations.sessions import SessionView
from chalicelib.rules.minimum import BelowMinimum, MinimumOutcome
from chalicelib.rules.pictures import Picture
from chalicelib.rules.questions import QuestionKind, QuestionScope
from chalicelib.rules.sessions import Session, SessionState


class MeetingOut(Out):
    id: str
    starts_at: Moment
    ends_at: Moment
    cancelled_at: Moment | None
    """When this date alone was cancelled."""
    cancel_reason: str
    """Why, in the words of staff; empty for a date that takes place."""


class TierOut(Out):
    id: str
    name: str
    price: MoneyOut


class QuestionOut(Out):
    id: str
    label: str
    kind: QuestionKind
    required: bool
    options: list[str]
    at_door: bool
    """Whether staff see the answer when they take attendance."""
    per: QuestionScope


class ParticipantsNeededOut(Out):
    """From how many participants a session takes place."""

    participants: int
    decide_at: Moment
    """When it is decided."""
    outcome: MinimumOutcome
    """`asked`: fewer have registered, and the organiser decides."""

    @classmethod
    def of(cls, session: Session) -> "ParticipantsNeededOut | None":
        minimum = session.minimum
        return cls(participants=minimum.participants, decide_at=session.decides_at, outcome=minimum.outcome) if minimum else None


class MinimumOut(ParticipantsNeededOut):
    """The same for staff, with what happens when there are fewer."""

    below: BelowMinimum
    hours_before: int | None
    """How many hours before the first date it is decided; null where a moment was chosen."""
    counted: int
    """How many participants were registered when it was decided."""

    @classmethod
    def of(cls, session: Session) -> "MinimumOut | None":
        minimum = session.minimum
        if minimum is None:
            return None
        facts = {name: getattr(minimum, name) for name in cls.model_fields}
        return cls.model_validate({**facts, "decide_at": session.decides_at})


class PictureOut(Out):
    """A picture of at most 1200 pixels and 200 kB."""

    url: str
    """A link whose content never changes. It redirects to the file."""
    width: int
    height: int
    alt: str
    """A description of the picture, for people who cannot see it."""

    @classmethod
    def of(cls, org: str, owner: str, picture: Picture | None) -> "PictureOut | None":
        if picture is None:
            return None
        return cls(url=links.picture_link(org, owner, picture), width=picture.size.width, height=picture.size.height, alt=picture.alt)


class SessionFacts(Out):
    """The fields of a session in every answer, named as the attributes of `Session`."""

    id: str
    title: str
    location: str
    meetings: list[MeetingOut]
    time_zone: str

    @classmethod
    def about(cls, session: Session, **more: Any) -> Self:
        """Return the session's fields, with `more` that are not attributes of the session."""
        facts = {name: getattr(session, name) for name in cls.model_fields if name not in more}
        return cls.model_validate({**facts, **more})


class UnpricedFacts(SessionFacts):
    """The fields that describe a session, without its prices."""

    description: str
    questions: list[QuestionOut]
    min_age: int | None
    """The least age in years on the day of the first meeting that somebody attends."""
    max_age: int | None


class BookableFacts(UnpricedFacts):
    """The fields that a customer needs before booking."""

    tiers: list[TierOut]
    minimum: ParticipantsNeededOut | None
    """Null for a session that takes place however many register."""
    picture: PictureOut | None

    @classmethod
    def about(cls, session: Session, **more: Any) -> Self:
        shown = PictureOut.of(session.org, session.id, session.picture)
        return super().about(session, **{"minimum": ParticipantsNeededOut.of(session), "picture": shown, **more})


class OpenFacts(BookableFacts):
    """The fields of a session in a list."""

    state: SessionState
    tags: list[str]
    registration_opens_at: Moment
    registration_closes_at: Moment


class SessionOut(OpenFacts):
    minimum: MinimumOut | None
    """Null for a session that takes place however many register."""
    spots_total: int
    spots: SpotsOut
    waiting: int
    """The number of parties that wait for an offer."""
    leaders: list[str]
    """The addresses of the members of staff who lead it."""
    cancel_until_hours: int | None
    """So many hours before a date families may cancel by themselves; null for what the organisation says."""
    cancelled_at: Moment | None
    cancel_reason: str
    date_reminder_hours: int | None
    """How many hours before each date those registered get a reminder; 0 for none, null as the settings say."""
    series: str
    """The id that all sessions made together by repeating one share; empty for a session of its own."""
    created_at: Moment

    @classmethod
    def of(cls, view: SessionView) -> "SessionOut":
        waiting = sum(view.waiting.values())
        minimum, spots = MinimumOut.of(view.session), view.spots
        return cls.about(view.session, minimum=minimum, spots_total=spots.total, spots=spots, state=view.state, waiting=waiting)


class LedSessionOut(UnpricedFacts):
    """A session for those who see only the sessions that they lead: without prices."""

    state: SessionState
    tags: list[str]
    spots_total: int
    spots: SpotsOut
    leaders: list[str]
    cancelled_at: Moment | None
    cancel_reason: str

    @classmethod
    def of(cls, view: SessionView) -> "LedSessionOut":
        return cls.about(view.session, spots=view.spots, state=view.state)


class EditedSessionOut(SessionOut):
    told: int | None = None
    """How many people get an e-mail about this change; there only when somebody does."""
    items: list[SessionOut] | None = None
    """With `scope=following`: all sessions that changed, this one first."""


class CreatedSeriesOut(Out):
    """A series: a session for each date."""

    series: str
    items: list[SessionOut]


class CreatedSessionOut(RootModel[SessionOut | CreatedSeriesOut]):
    """The new session, or the series."""

    model_config = ConfigDict(defer_build=True)


class RepeatDateOut(Out):
    starts_at: Moment
    ends_at: Moment


class RepeatDatesOut(Out):
    meetings: list[RepeatDateOut]


class SessionsOut(Out):
    items: list[SessionOut]
    next: str | None
