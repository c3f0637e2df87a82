"""How often a stranger may make the system send an e-mail, hold a spot or write a row.

Each limit is far above what honest people do together, and bounds what one client, one mailbox or one domain can be made to suffer. The
firewall and API Gateway bound the rest: a rule there sees no addresses.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from chalicelib.rules.addresses import compared
from chalicelib.rules.refusals import TooOften
from chalicelib.rules.translation import N_

PublicAction = Literal["registration", "waitlist", "sign_up", "password_reset"]
TEN_MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)


class TooManyRequests(TooOften):
    """A client, or everybody together for one address or domain, has asked for this too often."""

    code = "too_many_requests"
    sentence = N_("There were too many requests like this one. Wait a few minutes, then try again.")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most this many within this time, counted from the first."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one action of the public. None: something else bounds it."""

    client: Limit
    """By client address. A school, an office or a mobile network may share one address."""
    mailbox: Limit | None
    """By target address and organisation."""
    domain: Limit | None
    """By the target address's domain and organisation."""


LIMITS: dict[PublicAction, Limits] = {
    # A registration takes a spot, so spots bound the e-mails to a domain; a rush for the 2,000 spots of a course may
    # come through one proxy. A booking with an invitation code is not counted: it uses up the code, and wrong codes are counted.
    "registration": Limits(Limit(3_000, TEN_MINUTES), Limit(30, HOUR), None),
    # Nothing but these limits bounds the entries of a waitlist. 250 people of one office may miss the same session.
    "waitlist": Limits(Limit(250, TEN_MINUTES), Limit(30, HOUR), Limit(1_000, HOUR)),
    # A class of 30 families on one Wi-Fi signs up in some minutes; more than one in ten of them would have to repeat it.
    "sign_up": Limits(Limit(35, TEN_MINUTES), Limit(5, HOUR), Limit(500, HOUR)),
    # The mailbox is counted across organisations where the account is looked up.
    "password_reset": Limits(Limit(35, TEN_MINUTES), None, Limit(500, HOUR)),
}
MAILS_OF_A_WAITLIST, MAILS_OF_ALL_WAITLISTS = Limit(2, DAY), Limit(10, DAY)
"""E-mails that confirm places to one mailbox: on one waitlist, however often it leaves and joins, and on all of an organisation."""
OWN_CHANGES = Limit(30, HOUR)
"""Changes and moves of the bookings of one mailbox by their links: each writes a row, and most send an e-mail or ring the bell."""
WRONG_ADDRESSES = Limit(10, TEN_MINUTES)
"""Wrong addresses tried on a locked invitation, by client."""


def mailbox(email: str) -> str:
    """Return the mailbox of an address, without the part after `+` that many providers ignore."""
    name, _, domain = compared(email).rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


def domain(email: str) -> str:
    return compared(email).rpartition("@")[2]
