"""Inviting to the portal is a job that queues one message for each customer. Dying anywhere repeats what was done, and does nothing twice.

A message is written before the links that it replaces die, and names its own: whoever finds it written lets them die all the same.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.operations.portal_invitations.choosing import sort
from chalicelib.operations.portal_invitations.wording import chosen_words
from chalicelib.rules.customers import Customer
from chalicelib.rules.drafts.portal_invitations import WordsDraft
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.messages import Kind, Message, Wording, message_id
from chalicelib.rules.organisations import Locale
from chalicelib.rules.portal_invitations import Audience, PortalAccepted, Sorting
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers, messages, organisations

KIND: Kind = "portal_invitation"
GONE, ACCEPTED = "gone", "already_accepted"


def invite_audience(org: str, audience: Audience, words: WordsDraft, *, by: str, key: str, now: datetime) -> str:
    """Begin to invite everybody of the audience who may be, and return the job. A retry under the same key is the same job.

    The words are for this sending alone. Raises NotFound for a group that is not there, DoesNotFit.
    """
    wording = chosen_words(org, words, now=now)
    return _begun(org, sort(org, audience, now=now), wording, by=by, key=key, now=now)


def dry_run(org: str, audience: Audience, words: WordsDraft, *, now: datetime) -> Sorting:
    """Return who would be invited and who would be skipped, as `invite_audience` does it. Changes nothing. Raises NotFound, DoesNotFit."""
    chosen_words(org, words, now=now)
    return sort(org, audience, now=now)


def invite_customer(org: str, customer_id: str, words: WordsDraft, *, by: str, key: str, now: datetime) -> str:
    """Begin to invite one customer, for the first time or again, and return the job. Raises NotFound, PortalAccepted, DoesNotFit.

    An address that does not want it, or cannot be reached, is tried all the same: its messages then say why nothing left.
    """
    customer = customers.get(org, customer_id)
    if customer.status == "accepted":
        raise PortalAccepted
    return _begun(org, Sorting([customer.id]), chosen_words(org, words, now=now), by=by, key=key, now=now)


def queue_invitations(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Queue the message of each customer; one queued before is the same one."""
    locale = organisations.get(job.org).locale
    people = customers.find(job.org, items)
    queued = messages.find(job.org, (own_message(job, item) for item in items))
    reasons = {item: _invited(job, people.get(item), queued.get(own_message(job, item)), locale, now) for item in items}
    return [Failure(item, reason) for item, reason in reasons.items() if reason]


def _begun(org: str, sorting: Sorting, wording: Wording | None, *, by: str, key: str, now: datetime) -> str:
    job = Job(
        org=org,
        id=derived("portal invitations", org, key),
        kind="portal_invitations",
        total=len(sorting.recipients),
        by=by,
        created_at=now,
        moved_at=now,
        data={"skipped": dict(sorting.reasons), "wording": wording._asdict() if wording else None},
    )
    jobs.start(job, sorting.recipients)
    return job.id


def _invited(job: Job, customer: Customer | None, queued: Message | None, locale: Locale, now: datetime) -> str:
    """Queue the message of one customer and return why there is none, else nothing."""
    if customer is None:
        return GONE
    if queued is None and customer.status == "accepted":
        return ACCEPTED
    standing = queued or _queued(job, customer, locale, now)
    customers.replace_link(job.org, customer.id, int(standing.data["link_version"]))
    return ""


def _queued(job: Job, customer: Customer, locale: Locale, now: datetime) -> Message:
    """Write the message, and return the one that stands: another step may have written it at the same time."""
    message = Message(
        org=job.org,
        id=own_message(job, customer.id),
        kind=KIND,
        to=customer.email,
        locale=locale,
        created_at=now,
        data={"customer": customer.id, "link_version": customer.link_version + 1, "job": job.id},
    )
    if messages.add(message):
        return message
    standing = messages.get(job.org, message.id)
    if standing is None:
        raise NotFound
    return standing


def own_message(job: Job, customer: str) -> str:
    """Return the id of the message that a job queues for a customer."""
    return message_id(KIND, job.org, f"{job.id}#{customer}")
