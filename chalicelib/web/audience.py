"""The audiences of endpoints and pages. A route declares one, and it is checked before any input is read."""

from dataclasses import dataclass

from chalicelib.rules.permissions import Permission


@dataclass(frozen=True)
class Public:
    """Everybody."""


@dataclass(frozen=True)
class Known:
    """Everybody. A signed-in customer of the organisation in the path is recognised."""


@dataclass(frozen=True)
class SignedIn:
    """Every signed-in user, for their own data."""


@dataclass(frozen=True)
class SignedInCustomer:
    """Signed-in customers of the organisation in the path, or of any organisation if the path names none, for their own data."""


@dataclass(frozen=True)
class Staff:
    """Staff of the organisation in the path with this permission."""

    permission: Permission
    led: bool = False
    """Whether those who have it only on the sessions that they lead are admitted: to the session in the path, or, on a path without a
    session, to an answer that the handler limits to their sessions."""
    people_only: bool = False
    """Whether API keys are refused: what concerns the account of the person who signed in."""
