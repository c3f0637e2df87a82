"""The amounts in an e-mail: price, reductions, payments, refunds, and how to pay."""

from chalicelib import i18n
from chalicelib.rules.invoices import Invoice, document_status
from chalicelib.rules.letters import Letter
from chalicelib.rules.money import Money
from chalicelib.rules.pricing import discount_lines, total_of
from chalicelib.rules.refunds import under_way
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session


def total(letter: Letter) -> Money | None:
    """Return what the registrations cost that were booked together; None for one that was booked alone."""
    if not letter.together:
        return None
    amounts = [registration.total for _, registration in letter.together]
    return Money(sum(one.amount for one in amounts), amounts[0].currency)


def refunded_amount(letter: Letter) -> str:
    """Return the amount of the refund that the e-mail tells of; empty for any other e-mail."""
    if letter.refund is None or letter.registration is None:
        return ""
    return i18n.money(Money(letter.refund.amount, letter.registration.price.currency), letter.locale)


def going_back(letter: Letter) -> str:
    """Return the refunded part of a registration's payment, asked-for refunds included; empty for none."""
    amount = under_way(letter.registration) if letter.registration else None
    return i18n.money(amount, letter.locale) if amount and amount.amount else ""


def payment_of_invoice(letter: Letter, invoice: Invoice, registration: Registration) -> list[str]:
    gettext = i18n.translation(letter.locale).gettext
    match document_status(invoice, registration):
        case "credit" | "cancelled":
            return []
        case "paid":
            return [gettext("Paid. Thank you!")]
    return _how_to_pay(letter, invoice)


def _how_to_pay(letter: Letter, invoice: Invoice) -> list[str]:
    if not letter.organisation.online_payment:
        return _instructions(letter, invoice.payment_instructions)
    gettext = i18n.translation(letter.locale).gettext
    return [gettext("Online, with the button below."), *invoice.payment_instructions.splitlines()]


def price(letter: Letter, session: Session) -> list[str]:
    booked = _booked(letter, session)
    if booked is None:
        return []
    tier_id, each, number = booked
    gettext = i18n.translation(letter.locale).gettext
    if each.amount == 0:
        return [gettext("Free of charge")]
    total = i18n.money(each.times(number), letter.locale)
    line = total if number == 1 else f"{number} × {i18n.money(each, letter.locale)} = {total}"
    tier = session.tier(tier_id)
    spots = f"{line} · {tier.name}" if tier and len(session.tiers) > 1 else line
    return [spots, *_lowered(letter, each.times(number), number)]


def _lowered(letter: Letter, whole: Money, number: int) -> list[str]:
    """Return the lines of the reductions and of the total; none without a reduction."""
    invited = letter.invitation
    if letter.registration:
        lines = letter.registration.lowered
    else:
        lines = discount_lines(whole.amount, number, invited.discount, invited.sibling) if invited else []
    if not lines:
        return []
    texts = [f"{i18n.price_line(line, letter.locale)}: {i18n.money(Money(line.amount, whole.currency), letter.locale)}" for line in lines]
    total = Money(whole.amount + total_of(lines), whole.currency)
    label = i18n.translation(letter.locale).gettext("Total")
    return [*texts, f"{label}: {i18n.money(total, letter.locale)}"]


def _booked(letter: Letter, session: Session) -> tuple[str, Money, int] | None:
    """Return tier id, price of one spot and number of spots; None while the tier is not chosen yet."""
    if letter.registration:
        return letter.registration.tier, letter.registration.price, letter.registration.party_size
    if letter.invitation is None:
        return None
    invitation = letter.invitation
    if invitation.price is not None:
        return invitation.tier, invitation.price, invitation.party_size
    only = session.tiers[0] if len(session.tiers) == 1 else None
    return (only.id, only.price, invitation.party_size) if only else None


def payment(letter: Letter) -> list[str]:
    registration, organisation = letter.registration, letter.organisation
    if registration is None or registration.total.amount == 0:
        return []
    gettext = i18n.translation(letter.locale).gettext
    if registration.billing == "paid":
        return [gettext("Paid. Thank you!")]
    if letter.moved_from and registration.invoice:
        return [gettext("Your invoice %(number)s stays as it is.") % {"number": registration.invoice}]
    if registration.billing == "invoiced":
        return [gettext("You get an invoice by e-mail.")]
    return _instructions(letter, organisation.payment_instructions)


def _instructions(letter: Letter, written: str) -> list[str]:
    line = i18n.translation(letter.locale).gettext("You pay later: %(organisation)s will send payment details.")
    return written.splitlines() or [line % {"organisation": letter.organisation.name}]
