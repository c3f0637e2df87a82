"""Related sessions, between which bookings move and for which one party may wait together: those of one series, or with a tag in common."""

from typing import Protocol

from chalicelib.rules.contracts import Tagged, tagged
from chalicelib.rules.sessions import Session


class KnownInPart(Tagged, Protocol):
    """A session, or those of its facts that a list has read."""

    @property
    def series(self) -> str | None:
        """The id of its series, empty for a session of its own; None where it is not known."""


def is_related(session: Session, other: Session) -> bool:
    """Whether a booking may move from one session to the other."""
    return session.id != other.id and may_be_related(session, other)


def may_be_related(session: Session, known: KnownInPart) -> bool:
    """Whether another session may be related, so far as its facts tell."""
    same_series = session.series != "" and known.series in (None, session.series)
    return same_series or any(tagged(known, tag) for tag in session.tags)
