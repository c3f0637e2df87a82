"""Counts what the public makes the system send, hold or write, by client, mailbox and domain, before it is done.

Each count is one conditional write, exact under any race. The client is counted first, so that one who is refused uses up nothing of
anybody else's; those of a place on a waitlist are one transaction, and a refused one counts nothing at all. `source` is the client's
network address, empty for what staff or the program do themselves, which is not counted. A repeated request that has its answer is
answered from memory and is not counted either.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from chalicelib.tables.throttle import Attempts


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


def count_place(org: str, session: str, email: str, *, source: str, now: datetime, times: int = 1) -> bool:
    """Count a place on a waitlist, or several of one request, and the e-mail that confirms it: all or none, in one request.

    Return whether the e-mail may be sent: a mailbox that gets no more of them has its place all the same. Raises TooManyRequests, with
    nothing counted, when client, mailbox or domain has reached its limit.
    """
    if not source:
        return True
    places, mails, may_mail = _places(org, email, source, times), _mails(org, session, email), True
    refused = throttle.count_together([*places, *mails], now=now)
    if refused and not _longest(refused, places):
        may_mail, refused = False, throttle.count_together(places, now=now)
    if refused is None:
        return _count_singly(places, now) and may_mail and _may_mail(mails, now)
    if longest := _longest(refused, places):
        raise TooManyRequests(longest)
    return may_mail


def _places(org: str, email: str, source: str, times: int) -> list[Attempts]:
    limits = LIMITS["waitlist"]
    found = [
        (limits.client, keys.throttle("waitlist", "client", source)),
        (limits.mailbox, keys.throttle("waitlist", "mailbox", org, mailbox(email))),
        (limits.domain, keys.throttle("waitlist", "domain", org, domain(email))),
    ]
    return [_attempts(limit, key, times) for limit, key in found if limit]


def _mails(org: str, session: str, email: str) -> list[Attempts]:
    """Return the count of e-mails that confirm places on this waitlist to the mailbox, and that of all waitlists."""
    one, every = keys.throttle("place", org, session, mailbox(email)), keys.throttle("place", org, mailbox(email))
    return [_attempts(MAILS_OF_A_WAITLIST, one), _attempts(MAILS_OF_ALL_WAITLISTS, every)]


def _attempts(limit: Limit, key: keys.Key, times: int = 1) -> Attempts:
    return Attempts(key, limit.most, limit.within, times)


def _longest(refused: Mapping[keys.Key, int], wanted: Sequence[Attempts]) -> int:
    """Return in how many seconds all of these may be tried again, 0 if none of them was refused."""
    return max((refused[one.key] for one in wanted if one.key in refused), default=0)


def _count_singly(wanted: Sequence[Attempts], now: datetime) -> bool:
    """Count each by itself, which no other request holds up. Raises TooManyRequests."""
    for one in wanted:
        _count(Limit(one.most, one.within), one.key, now, one.by)
    return True


def _may_mail(mails: Sequence[Attempts], now: datetime) -> bool:
    try:
        return _count_singly(mails, now)
    except TooManyRequests:
        return False


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
