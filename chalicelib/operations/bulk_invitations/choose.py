"""Chooses whom to invite: the addresses of a list, a group, a roster or a file, without those who need no invitation or get no e-mail."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.discounts.apply import usable
from chalicelib.rules.addresses import compared
from chalicelib.rules.bulk_invitations import InvitationList, KnownAddresses, check_number, in_csv, invitable, valid
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.invitations import LIVE, ExpiresInThePast, status
from chalicelib.rules.ledger import MOST_EXTRA, count
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.rules.registration_refusals import UnknownTier
from chalicelib.rules.sessions import check_not_over
from chalicelib.tables import booking_context, customers, organisations
from chalicelib.tables.booking_context import Roster

AT_ONCE = 100
"""How many addresses one request reads."""
MANY = 1_000
"""Above so many addresses, the records of all addresses of the organisation are read instead of each one's."""


class BulkPreview(NamedTuple):
    """Whom an input would invite now."""

    choice: InvitationList
    fits: int
    """How many of the recipients, in order, would get their spots now."""
    needed: int
    """The spots of all recipients together."""
    free: int


def preview(org: str, session_id: str, draft: BulkInvitationInput, *, now: datetime) -> BulkPreview:
    """Return whom the input would invite and skip, and how many fit. Changes nothing.

    Raises NotFound for an unknown session or group, SessionPast, SessionCancelled, ExpiresInThePast, UnknownTier, DiscountRefused,
    TooManyAddresses, NoAddressColumn, and the refusals of an unreadable file.
    """
    roster = booking_context.roster(org, session_id)
    check_terms(roster, draft, now=now)
    choice = chosen(roster, draft, now=now)
    spots = count(roster.chunks, now)
    extra = max(0, MOST_EXTRA - spots.extra) // draft.party_size if draft.confirm_over_capacity else 0
    fits = min(len(choice.recipients), spots.free // draft.party_size + extra)
    return BulkPreview(choice, fits, len(choice.recipients) * draft.party_size, spots.free)


def check_terms(roster: Roster, draft: BulkInvitationInput, *, now: datetime) -> None:
    """Refuse what no invitation to the session could carry."""
    session = roster.session
    check_not_over(session, now)
    if draft.expires_at and draft.expires_at <= now:
        raise ExpiresInThePast
    tier = session.tier(draft.tier) if draft.tier else session.tiers[0]
    if tier is None:
        raise UnknownTier
    if draft.discount_code:
        usable(session.org, draft.discount_code, session, tier.price.currency, now=now)


def chosen(roster: Roster, draft: BulkInvitationInput, *, now: datetime) -> InvitationList:
    """Return the recipients and the skipped of an input."""
    org = roster.session.org
    named = _named(org, draft)
    check_number(named)
    choice = valid(named)
    holds = roster.holds()
    registered = {compared(registration.email) for registration in roster.registered()}
    live = {compared(one.email) for one in roster.invitations if status(one, holds.get(one.id), now) in LIVE}
    return invitable(choice, KnownAddresses(registered, live, _preferences(org, choice.recipients)))


def _named(org: str, draft: BulkInvitationInput) -> list[str]:
    if draft.group:
        group = customers.get_group(org, draft.group)
        return [one.email for one in customers.of_group(org, group.id)]
    if draft.session:
        return list(_on_roster(booking_context.roster(org, draft.session)))
    return in_csv(draft.csv.encode()) if draft.csv else list(draft.emails or [])


def _on_roster(roster: Roster) -> Iterator[str]:
    """Yield the address of each registration on the roster, the earliest first. One address may have several."""
    yield from (one.email for one in sorted(roster.registered(), key=lambda one: one.created_at))


def _preferences(org: str, emails: Sequence[str]) -> Mapping[str, EmailPreferences]:
    if len(emails) > MANY:
        return organisations.every_email_preferences(org)
    found: dict[str, EmailPreferences] = {}
    for first in range(0, len(emails), AT_ONCE):
        some = organisations.email_preferences_of(org, emails[first : first + AT_ONCE])
        found |= {compared(email): preferences for email, preferences in some.items()}
    return found
