"""The data of e-mails about an invoice or a refund."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.messages.account_context import about_an_account
from chalicelib.operations.messages.session_context import address_corrected
from chalicelib.rules.letters import Letter
from chalicelib.rules.messages import Message, Withheld
from chalicelib.tables import invoices, orders, organisations, registrations, sessions


def about_an_invoice(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter with an invoice or a credit note."""
    invoice, registration = invoices.with_registration(message.org, message.data["invoice"])
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=links.invoice_link(registration, invoice.number),
        registration=registration,
        invoice=invoice,
    )


def about_a_refund(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter about a refund, withheld if the money came back meanwhile."""
    registration = registrations.get(message.org, message.session, message.data["registration"])
    refund = next((one for one in registration.refunds if one.id == message.data["refund"] and one.state == "made"), None)
    if refund is None:
        return Withheld("skipped", "refund_failed")
    if corrected := address_corrected(message, registration):
        return corrected
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=links.booking_link(registration),
        session=sessions.get(message.org, registration.session),
        registration=registration,
        refund=refund,
    )


def about_a_refunded_order(message: Message, _now: datetime) -> Letter | Withheld:
    """Return the letter about a payment that came in too late. The order's registrations are deleted, so it names nobody."""
    order = orders.get(message.org, message.data["order"])
    known = sessions.several(message.org, {line.session for line in order.lines})
    missed = tuple({line.session: known[line.session] for line in order.lines if line.session in known}.values())
    letter = about_an_account(message, links.sessions_page(message.org), session=missed[0] if missed else None, missed=missed)
    return replace(letter, refunded=order.total, secrets=())
