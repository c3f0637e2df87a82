"""Quotas: the most e-mails a day, customers and sessions of an organisation, as its operator sets them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from chalicelib.rules.refusals import Conflict
from chalicelib.rules.translation import N_

QuotaKind = Literal["customers", "sessions"]


@dataclass(frozen=True, slots=True)
class Quotas:
    """None: as many as one likes."""

    mails_a_day: int | None = None
    customers: int | None = None
    sessions: int | None = None

    def of(self, kind: QuotaKind) -> int | None:
        return self.customers if kind == "customers" else self.sessions


UNLIMITED = Quotas()


class TooManyMails(Conflict):
    code = "mail_quota_reached"
    sentence = N_(
        "Your organisation may send %(most)s e-mails a day, and %(left)s are left today. Write to fewer people, go on tomorrow, or ask the "
        "operator of this Rollbook for more."
    )

    def __init__(self, most: int, left: int) -> None:
        self.most = most
        self.left = left


class TooManyCustomers(Conflict):
    code = "customer_quota_reached"
    sentence = N_(
        "Your organisation may have %(most)s customers, and has them. Delete or merge some that you do not need, or ask the operator of "
        "this Rollbook for more."
    )

    def __init__(self, most: int) -> None:
        self.most = most


class TooManySessions(Conflict):
    code = "session_quota_reached"
    sentence = N_(
        "Your organisation may have %(most)s sessions, past ones included, and has them. Delete some that nobody was on, or ask the "
        "operator of this Rollbook for more."
    )

    def __init__(self, most: int) -> None:
        self.most = most


REACHED: dict[QuotaKind, type[TooManyCustomers | TooManySessions]] = {"customers": TooManyCustomers, "sessions": TooManySessions}


def next_day(now: datetime) -> datetime:
    """Return the moment from which e-mails are counted anew: midnight in UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
