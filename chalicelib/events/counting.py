"""What a change on a roster adds to the metrics: a row changes once for each thing that happens; a record that comes again counts twice."""

from collections.abc import Iterator

from chalicelib.rules import changes
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.registrations import Registration


def of_invitation(old: Invitation | None, new: Invitation) -> Iterator[str]:
    """Return the names of the metrics that count this change."""
    begun = old is None or old.nonce != new.nonce
    if begun and new.entry:
        yield "Offered"
    elif begun:
        yield "Invited"
    if new.registration and not (old and old.registration):
        yield "Accepted"
    if changes.ended(old, new):
        yield f"Ended.{new.ended}"


def of_registration(old: Registration | None, new: Registration) -> Iterator[str]:
    """Return the names of the metrics that count this change. Who moves to another session has registered before."""
    if new.confirmed_at and not (old and old.confirmed_at) and not new.moved_from:
        yield f"Registered.{new.source}"
