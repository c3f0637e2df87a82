"""The metrics that a change on a roster counts. A row changes once for each event; a repeated record counts twice."""

from collections.abc import Iterator

from chalicelib.rules import transitions
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.registrations import Registration


def of_invitation(old: Invitation | None, new: Invitation) -> Iterator[str]:
    """Yield the names of the metrics that count this change."""
    begun = old is None or old.nonce != new.nonce
    if begun and new.entry:
        yield "Offered"
    elif begun:
        yield "Invited"
    if new.registration and not (old and old.registration):
        yield "Accepted"
    if transitions.ended(old, new):
        yield f"Ended.{new.ended}"


def of_registration(old: Registration | None, new: Registration) -> Iterator[str]:
    """Yield the names of the metrics that count this change. A transfer is not a new registration."""
    if new.confirmed_at and not (old and old.confirmed_at) and not new.moved_from:
        yield f"Registered.{new.source}"
