"""Whether something has happened under an address."""

from itertools import chain

from chalicelib.tables import invitations, registrations, waitlist


def has_history(org: str, email: str) -> bool:
    """Whether the address was ever registered, invited to a session, or on a waitlist."""
    found = chain(registrations.all_of_address(org, email), invitations.all_of_address(org, email), waitlist.all_of_address(org, email))
    return next(iter(found), None) is not None
