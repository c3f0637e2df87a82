"""Quotas of an organisation: set by the operator, exact under any race, and refused in a sentence that says what to do.

What families do is never refused: the customer of a booking counts, over the quota too.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib.rules.jobs import Job
from chalicelib.rules.quotas import REACHED, QuotaKind, TooManyMails
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables import jobs, organisations, quotas, usage

TRIES = 20
Write = Callable[[list[dict[str, Any]]], None]
"""Writes a new thing with these further writes, all or nothing. Raises quotas.QuotaReached when the last of them failed."""


def within_quota(org: str, kind: QuotaKind, write: Write) -> None:
    """Write a new thing unless there are as many as the quota allows. Raises TooManyCustomers, TooManySessions, Busy."""
    most = organisations.get(org).quotas.of(kind)
    if most is None:
        write([])
        return
    for _ in range(TRIES):
        try:
            write([quotas.count_write(org, kind, most)])
            return
        except quotas.QuotaReached:
            if quotas.recount(org, kind) and not _has_room(org, kind, 1, most):
                raise REACHED[kind](most) from None
    raise Busy


def check_room(org: str, kind: QuotaKind, number: Callable[[], int]) -> None:
    """Raise what `within_quota` does unless so many more may be made. `number` is asked only where a quota counts."""
    most = organisations.get(org).quotas.of(kind)
    if most is None:
        return
    wanted = number()
    if not _has_room(org, kind, wanted, most) and quotas.recount(org, kind) and not _has_room(org, kind, wanted, most):
        raise REACHED[kind](most)


def _is_limited(org: str, kind: QuotaKind) -> bool:
    try:
        return organisations.get(org).quotas.of(kind) is not None
    except NotFound:
        return False


def _has_room(org: str, kind: QuotaKind, wanted: int, most: int) -> bool:
    there = quotas.counted(org, kind)
    return there is not None and there + wanted <= most


def beyond_quota(org: str, kind: QuotaKind, write: Write) -> None:
    """Write a new thing that no quota refuses, and count it where one counts. Raises Busy."""
    if not _is_limited(org, kind):
        write([])
        return
    for _ in range(TRIES):
        try:
            write([quotas.count_write(org, kind, None)])
            return
        except quotas.QuotaReached:
            quotas.recount(org, kind)
    raise Busy


def check_mails(job: Job, *, now: datetime) -> None:
    """Raise TooManyMails unless an e-mail for each item of the job may leave today, or an earlier attempt has started it.

    Of two jobs at once, some e-mails may still wait until tomorrow.
    """
    most = organisations.get(job.org).quotas.mails_a_day
    if most is None or jobs.is_stored(job.org, job.id):
        return
    left = max(0, most - usage.mails_today(job.org, now=now).sent)
    if job.total > left:
        raise TooManyMails(most, left)
