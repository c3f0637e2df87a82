"""An organisation and its settings."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from chalicelib.languages import Locale
from chalicelib.operations import date_reminders, jobs, messages
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.inputs.organisations import OrganisationChanges, QuietHoursInput, SiblingDiscountInput, WaitlistChanges
from chalicelib.rules.organisation_refusals import BeingDeleted, NotYetDeletable, PayingOnlineNeedsKeys
from chalicelib.rules.organisations import DELETED_AFTER, LONGEST_SUPPORT, Organisation, QuietHours, check_takes_bookings, fit_for_id
from chalicelib.rules.quotas import Quotas
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables import customers, figures, online_payment, organisations

TRIES = 5
TOO_LONG = N_("Give support access for at most 72 hours. You can give it again.")
OF_REMINDERS = ("date_reminder_hours", "quiet_hours", "time_zone")
KEYS = {"stripe_secret_key": "secret_key", "stripe_webhook_secret": "webhook_secret"}


def create(
    org: str, name: str, *, now: datetime, locale: Locale = "en", time_zone: str = "Europe/Paris", currency: str = "EUR"
) -> Organisation:
    """Create the organisation, or return the existing one with this id. Raises ValueError if the id does not fit into a path."""
    if not fit_for_id(org):
        raise ValueError("An organisation's id consists of up to 40 small letters, digits and hyphens.")
    made = Organisation(org=org, name=name, created_at=now, locale=locale, time_zone=time_zone, currency=currency)
    if not organisations.create(made):
        return organisations.get(org)
    customers.note_indexed(org)
    return made


def read(org: str) -> Organisation:
    """Return the organisation. Raises NotFound."""
    return organisations.get(org)


def read_open(org: str) -> Organisation:
    """Return the organisation for a page on which people book or join. Raises NotFound, BookingsPaused while it is suspended."""
    organisation = organisations.get(org)
    check_takes_bookings(organisation)
    return organisation


def change(org: str, changes: OrganisationChanges, *, expected: int | None, now: datetime | None = None) -> Organisation:
    """Change the given settings. `expected` is the version that was read, None to accept any.

    Reminders before dates follow changed hours from `now` on; without it, each session does at its next check.

    Raises NotFound, PayingOnlineNeedsKeys, ChangedMeanwhile, Busy, ValidationFailed for support access of more than 72 hours."""
    if now and changes.support_until and changes.support_until > now + LONGEST_SUPPORT:
        raise ValidationFailed([("/support_until", "too_late", TOO_LONG)])
    for _ in range(TRIES):
        current = organisations.get(org)
        if expected not in {None, current.version}:
            raise ChangedMeanwhile
        try:
            saved = _save(replace(current, **_settings(changes, current)), changes, current)
        except ChangedMeanwhile:
            if expected is not None:
                raise
            continue
        if now and any(getattr(saved, name) != getattr(current, name) for name in OF_REMINDERS):
            date_reminders.check_earlier(saved, now=now)
        return saved
    raise Busy


def suspend(org: str, *, now: datetime) -> Organisation:
    """Suspend the organisation: nobody of its staff gets in, nothing is booked, no bulk e-mail leaves, and nothing is lost. It may be
    repeated. Raises NotFound, Busy."""
    return _rewritten(org, lambda current: replace(current, suspended_at=current.suspended_at or now))


def resume(org: str, *, now: datetime) -> Organisation:
    """Let a suspended organisation go on: paused e-mails and jobs leave now. Repeated after a crash, it finishes its work.

    A deletion that was asked for is off. Raises NotFound, BeingDeleted, Busy.
    """
    was = organisations.get(org)
    if was.deleting:
        raise BeingDeleted
    resumed = _rewritten(org, lambda current: replace(current, suspended_at=None, deletes_at=None))
    messages.dispatch_of(org, now=now + 2 * messages.PAUSED_FOR, leaves_at=now)
    jobs.wake(org, since=was.suspended_at or was.created_at)
    return resumed


def ask_deletion(org: str, *, now: datetime) -> Organisation:
    """Suspend the organisation, and let it be deleted in thirty days; asked again, the first date stays. Raises NotFound, Busy."""
    return _rewritten(
        org,
        lambda current: replace(
            current, suspended_at=current.suspended_at or now, deletes_at=current.deletes_at or now.replace(microsecond=0) + DELETED_AFTER
        ),
    )


def begin_deletion(org: str, *, now: datetime) -> Organisation:
    """Mark the organisation as being deleted: nobody resumes it from now on. It may be repeated. Raises NotFound, NotYetDeletable, Busy."""

    def begun(current: Organisation) -> Organisation:
        if current.deletes_at is None or now < current.deletes_at:
            raise NotYetDeletable
        return replace(current, deleting=True)

    return _rewritten(org, begun)


def set_configuration_set(org: str, name: str) -> Organisation:
    """Send the organisation's e-mails by this configuration set of SES from now on. Raises NotFound, Busy."""
    return _rewritten(org, lambda current: replace(current, configuration_set=name))


def set_quotas(org: str, quotas: Quotas) -> Organisation:
    """Set the limits of the organisation. Existing rows above them stay. Raises NotFound, Busy."""
    return _rewritten(org, lambda current: replace(current, quotas=quotas))


def _rewritten(org: str, change: Callable[[Organisation], Organisation]) -> Organisation:
    for _ in range(TRIES):
        current = organisations.get(org)
        wanted = change(current)
        if wanted == current:
            return current
        with suppress(ChangedMeanwhile):
            return organisations.save(wanted)
    raise Busy


def _save(edited: Organisation, changes: OrganisationChanges, current: Organisation) -> Organisation:
    """Write the settings, with changed keys for online payment in the same transaction.

    In another time zone every figure lies on other days: the next recount counts them all. Raises PayingOnlineNeedsKeys.
    """
    moved = [figures.incomplete_write(edited.org)] if edited.time_zone != current.time_zone else []
    named = {kept: _revealed(getattr(changes, name)) for name, kept in KEYS.items() if name in changes.model_fields_set}
    if not named:
        return organisations.save(_payable(edited, changes), beside=moved)
    kept = replace(online_payment.get(edited.org), **named)
    edited = _payable(replace(edited, online_payment=kept.complete), changes)
    return organisations.save(edited, beside=[online_payment.keys_write(edited.org, kept), *moved])


def _payable(edited: Organisation, changes: OrganisationChanges) -> Organisation:
    """Return the settings; without the keys, the public that paid online gets an invoice. Raises PayingOnlineNeedsKeys if that is asked."""
    if edited.public_billing != "online" or edited.online_payment:
        return edited
    if "public_billing" in changes.model_fields_set:
        raise PayingOnlineNeedsKeys
    return replace(edited, public_billing="invoice")


def _revealed(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else ""


def _settings(changes: OrganisationChanges, current: Organisation) -> dict[str, Any]:
    return {name: _setting(getattr(changes, name), current) for name in changes.model_fields_set - KEYS.keys()}


def _setting(value: Any, current: Organisation) -> Any:
    """Return an input value as the model's type."""
    match value:
        case QuietHoursInput():
            return QuietHours(**value.model_dump())
        case WaitlistChanges():
            return replace(current.waitlist, **value.model_dump(exclude_unset=True))
        case SiblingDiscountInput():
            return SiblingDiscount(**value.model_dump())
        case list():
            return tuple(sorted(set(value)))
        case _:
            return value
