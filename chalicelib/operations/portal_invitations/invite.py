"""The job that queues one portal invitation per customer. A repeated step sends nothing twice.

A message is written with the version of its own link, before older links are revoked: a repeated step that finds the message revokes them.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.languages import Locale
from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.operations.portal_invitations.audience import check_audience
from chalicelib.operations.portal_invitations.custom_text import chosen_text
from chalicelib.operations.quotas import check_mails
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.letters import TemplateText
from chalicelib.rules.messages import EmailKind, Message, message_id
from chalicelib.rules.portal_invitations import Audience, AudienceCheck, PortalInvitationAccepted
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers, messages, organisations

KIND: EmailKind = "portal_invitation"
GONE, ACCEPTED = "gone", "already_accepted"


def invite_audience(org: str, audience: Audience, words: CustomTextInput, *, by: str, key: str, now: datetime) -> str:
    """Start to invite the recipients of an audience and return the job's id. A retry with the same key returns the same job.

    `words` are for this sending only. Raises NotFound for an unknown group, ValidationFailed for unknown placeholders, TooManyMails.
    """
    text = chosen_text(org, words, now=now)
    return _begun(org, check_audience(org, audience, now=now), text, by=by, key=key, now=now)


def dry_run(org: str, audience: Audience, words: CustomTextInput, *, now: datetime) -> AudienceCheck:
    """Return whom `invite_audience` would invite and skip. Changes nothing. Raises NotFound, ValidationFailed."""
    chosen_text(org, words, now=now)
    return check_audience(org, audience, now=now)


def invite_customer(org: str, customer_id: str, words: CustomTextInput, *, by: str, key: str, now: datetime) -> str:
    """Start to invite one customer, also again, and return the job's id. A retry with the same key returns the same job.

    For an unsubscribed or suppressed address the message is queued and then withheld, with the reason.
    Raises NotFound, CustomerMerged, PortalInvitationAccepted, ValidationFailed.
    """
    customer = customers.get(org, customer_id)
    if customer.status == "accepted":
        raise PortalInvitationAccepted
    return _begun(org, AudienceCheck([customer.id]), chosen_text(org, words, now=now), by=by, key=key, now=now)


def queue_invitations(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Queue the message to each customer and return those who cannot be invited. Safe to repeat."""
    locale = organisations.get(job.org).locale
    people = customers.find(job.org, items)
    queued = messages.find(job.org, (message_of(job, item) for item in items))
    reasons = {item: _invite(job, people.get(item), queued.get(message_of(job, item)), locale, now) for item in items}
    return [Failure(item, reason) for item, reason in reasons.items() if reason]


def _begun(org: str, sorting: AudienceCheck, text: TemplateText | None, *, by: str, key: str, now: datetime) -> str:
    job = Job(
        org=org,
        id=derived("portal invitations", org, key),
        kind="portal_invitations",
        total=len(sorting.recipients),
        by=by,
        created_at=now,
        moved_at=now,
        data={"skipped": dict(sorting.reasons), "wording": text._asdict() if text else None},
    )
    if job.total > 1:  # A single e-mail waits until tomorrow.
        check_mails(job, now=now)
    jobs.start(job, sorting.recipients)
    return job.id


def _invite(job: Job, customer: Customer | None, queued: Message | None, locale: Locale, now: datetime) -> str:
    """Queue the message to one customer and revoke older links. Return why it failed, empty on success."""
    if customer is None:
        return GONE
    if queued is None and customer.status == "accepted":
        return ACCEPTED
    message = queued or _queue(job, customer, locale, now)
    customers.replace_link(job.org, customer.id, int(message.data["link_version"]))
    return ""


def _queue(job: Job, customer: Customer, locale: Locale, now: datetime) -> Message:
    """Write and return the message, or return the one that a concurrent step wrote."""
    message = Message(
        org=job.org,
        id=message_of(job, customer.id),
        kind=KIND,
        to=customer.email,
        locale=locale,
        created_at=now,
        data={"customer": customer.id, "link_version": customer.link_version + 1, "job": job.id},
    )
    if messages.add(message):
        return message
    found = messages.get(job.org, message.id)
    if found is None:
        raise NotFound
    return found


def message_of(job: Job, customer: str) -> str:
    """Return the id of the job's message to a customer."""
    return message_id(KIND, job.org, f"{job.id}#{customer}")
