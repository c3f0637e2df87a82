"""Counts what the public makes the system send, hold or write, by client, mailbox and domain, before it is done.

Each count is one conditional write, exact under any race. The client is counted first, so that one who is refused uses up nothing of
anybody else's. `source` is the client's network address, empty for what staff or the program do themselves, which is not counted. A
repeated request that has its answer is answered from memory and is not counted either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.invitations import Invitation, InvitationForOtherAddress
from chalicelib.rules.limits import (
    LIMITS,
    MAILS_OF_A_WAITLIST,
    MAILS_OF_ALL_WAITLISTS,
    OWN_CHANGES,
    WRONG_ADDRESSES,
    Limit,
    PublicAction,
    TooManyRequests,
    domain,
    mailbox,
)
from chalicelib.tables import keys, throttle


def count(action: PublicAction, org: str, email: str, *, source: str, now: datetime, times: int = 1) -> None:
    """Count an action, or several of one request. Raises TooManyRequests when client, mailbox or domain has reached its limit."""
    if not source:
        return
    count_client(action, source=source, now=now, times=times)
    count_mailbox(action, org, email, now=now, times=times)
    count_domain(action, org, email, now=now, times=times)


def count_client(action: PublicAction, *, source: str, now: datetime, times: int = 1) -> None:
    """Count an action of a client, over all organisations. Raises TooManyRequests."""
    _count(LIMITS[action].client, keys.throttle(action, "client", source), now, times)


def count_mailbox(action: PublicAction, org: str, email: str, *, now: datetime, times: int = 1) -> None:
    """Count an action towards a mailbox. Raises TooManyRequests."""
    _count(LIMITS[action].mailbox, keys.throttle(action, "mailbox", org, mailbox(email)), now, times)


def count_domain(action: PublicAction, org: str, email: str, *, now: datetime, times: int = 1) -> None:
    """Count an action towards the domain of an address. Raises TooManyRequests."""
    _count(LIMITS[action].domain, keys.throttle(action, "domain", org, domain(email)), now, times)


def count_own_change(org: str, email: str, *, now: datetime) -> None:
    """Count a change of a booking by the holder of its link. Raises TooManyRequests."""
    _count(OWN_CHANGES, keys.throttle("own-change", org, mailbox(email)), now)


@contextmanager
def wrong_addresses(invitation: Invitation, *, source: str, now: datetime) -> Iterator[None]:
    """Count a wrong address of a locked invitation, so that the invited one cannot be guessed. Raises TooManyRequests.

    A client that was wrong too often is refused with the right address too.
    """
    key = keys.throttle("wrong-address", invitation.public_id, source)
    if invitation.forwarding == "locked":
        _check(WRONG_ADDRESSES, key, now)
    try:
        yield
    except InvitationForOtherAddress:
        _count(WRONG_ADDRESSES, key, now)
        raise


def may_confirm_place(org: str, session: str, email: str, *, now: datetime) -> bool:
    """Whether an e-mail may confirm a place on this waitlist to the address; counts it."""
    try:
        _count(MAILS_OF_A_WAITLIST, keys.throttle("place", org, session, mailbox(email)), now)
        _count(MAILS_OF_ALL_WAITLISTS, keys.throttle("place", org, mailbox(email)), now)
    except TooManyRequests:
        return False
    return True


def _check(limit: Limit, key: keys.Key, now: datetime) -> None:
    try:
        throttle.check(throttle.find(key), most=limit.most, now=now)
    except TooManyAttempts as too_many:
        raise TooManyRequests(too_many.retry_after) from None


def _count(limit: Limit | None, key: keys.Key, now: datetime, times: int = 1) -> None:
    if limit is None:
        return
    try:
        throttle.count(key, most=limit.most, within=limit.within, now=now, by=times)
    except TooManyAttempts as too_many:
        raise TooManyRequests(too_many.retry_after) from None
