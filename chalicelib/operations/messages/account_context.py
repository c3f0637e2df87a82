"""The data of e-mails about an account, and to members of staff."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations import links
from chalicelib.operations.messages.session_context import unsubscribe_links
from chalicelib.rules.letters import Letter, TemplateText
from chalicelib.rules.messages import Message, Withheld
from chalicelib.rules.receipts import refundable
from chalicelib.tables import booking_context, customers, jobs, organisations, staff, webhooks


def staff_invitation(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter that invites a member of staff, withheld if they have joined or have a newer link."""
    user, version = message.data["user"], message.data["link_version"]
    member = staff.get(message.org, user)
    if member is None or member.status != "invited":
        return Withheld("skipped", "not_invited_any_more")
    if member.link_version != version:
        return Withheld("skipped", "link_replaced")
    return about_an_account(message, links.staff_activation_link(message.org, user, version), member=member)


def about_a_minimum(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter about a minimum that was not reached, withheld once staff have decided."""
    roster, member = booking_context.roster(message.org, message.session), staff.get(message.org, message.data["user"])
    if member is None or not member.may("edit_sessions"):
        return Withheld("skipped", "gone")
    outcome = roster.session.minimum.outcome if roster.session.minimum else ""
    if outcome != "cancelled" and (outcome != "asked" or roster.session.cancelled_at):
        return Withheld("skipped", "decided_meanwhile")
    refunds = tuple(refundable(roster.registrations)) if roster.session.cancelled_at else ()
    link = links.decision_page(message.org, message.session)
    return replace(about_an_account(message, link, member=member, session=roster.session, refunds=refunds), secrets=())


def about_a_webhook(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter about a webhook that was switched off after failures, withheld once it is on again."""
    webhook, member = webhooks.get(message.org, message.data["webhook"]), staff.get(message.org, message.data["user"])
    if member is None or not member.may("manage_integrations"):
        return Withheld("skipped", "gone")
    if not webhook.off_reason:
        return Withheld("skipped", "decided_meanwhile")
    return replace(about_an_account(message, links.integrations_page(message.org), member=member, webhook=webhook), secrets=())


def password_reset(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter with the link to choose a new password."""
    return about_an_account(message, links.password_reset_link(message.data["user"], message.data["nonce"]))


def address_confirmation(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter with the link that confirms the address of a sign-up."""
    return about_an_account(message, links.confirmation_link(message.org, message.data["joining"]))


def about_an_account(message: Message, link: str, **more: Any) -> Letter:
    """Return a letter about nothing but a link, which is secret, and `more`."""
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=link,
        secrets=(link.rpartition("/")[2],),
        **more,
    )


def portal_invitation(message: Message, _now: datetime) -> Letter | Withheld:
    """Return the letter of a portal invitation, withheld if the customer has accepted or has a newer link."""
    customer, version = customers.get(message.org, message.data["customer"]), message.data["link_version"]
    if customer.status == "accepted":
        return Withheld("skipped", "already_accepted")
    if version < customer.link_version:
        return Withheld("skipped", "link_replaced")
    letter = about_an_account(message, links.portal_activation_link(message.org, customer.id, version, email=message.to), customer=customer)
    unsubscribe = unsubscribe_links(message)
    secrets = (*letter.secrets, *unsubscribe.pop("secrets"))
    return replace(letter, secrets=secrets, custom_text=_text_of_job(message), **unsubscribe)


def _text_of_job(message: Message) -> TemplateText | None:
    """Return the wording that staff chose for this sending, None for the template's."""
    chosen = jobs.get(message.org, message.data["job"]).data["wording"] if "job" in message.data else None
    return TemplateText(**chosen) if chosen else None
