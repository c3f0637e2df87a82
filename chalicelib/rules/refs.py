"""The reference of a thing on a roster: an invitation, a registration or a waitlist entry."""

from typing import NamedTuple


class Ref(NamedTuple):
    """The reference of a thing on a roster. It unpacks into (org, session, id), the arguments of the tables' functions."""

    org: str
    session: str
    id: str

    @property
    def public_id(self) -> str:
        """The id in URLs and answers. It contains the session, so that the row is found by key."""
        return public_id(self.session, self.id)

    @classmethod
    def parse(cls, org: str, public_id: str) -> "Ref":
        """Return the reference in a public id. Session or id is empty when the text is not a public id."""
        session, _, id = public_id.partition("-")
        return cls(org, session, id)


def public_id(session: str, id: str) -> str:
    """Return the id of a thing on a roster for URLs and answers."""
    return f"{session}-{id}"
