"""Reactions to a hold that was added, removed or confirmed, and to an order that was booked."""

from datetime import datetime

from chalicelib.operations import codes, customers, discounts, invoices
from chalicelib.operations.messages.queue import queue
from chalicelib.operations.orders.complete import complete, record_payment
from chalicelib.operations.reactions.invitations import queue_invitation
from chalicelib.operations.reactions.message_keys import first_confirmation_key
from chalicelib.operations.reactions.registrations import queue_to_booker
from chalicelib.rules.ledger import Hold
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, invitations, orders, organisations, registrations
from chalicelib.tables.named_rows import customer_and_organisation, invitation_and_organisation


def hold_added(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """Queue the invitation whose spots are now held, and make its discount use final. Other holds have no invitation."""
    with dynamodb.read_together(invitation_and_organisation(org, session, hold_id)):
        try:
            invitation = invitations.get(org, session, hold_id)
        except NotFound:
            return
        if hold.is_for(invitation):
            discounts.finish(invitation)
            queue_invitation(invitation, "held", now=now)


def hold_removed(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """End the expired invitation whose hold a claim removed to use its spots."""
    if hold.is_live(now):
        return
    try:
        invitations.end(org, session, hold_id, "expired", by="clock", now=now, nonce=hold.nonce)
    except (NotFound, invitations.NotMovable):
        return


def hold_confirmed(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """Mark the rows confirmed, ensure the customer, and issue the invoice and queue the confirmation if wanted."""
    registration = registrations.mark_confirmed(org, session, hold.registration or hold_id, now=now)
    if registration is None or not registration.holds(hold):
        return
    if registration.code:
        codes.finish(registration)
    if registration.invitation:  # Its discount use was counted with the invitation.
        invitations.mark_accepted(org, session, hold_id, nonce=hold.nonce, registration=registration.id, by=registration.email)
    else:
        discounts.finish(registration)
    with dynamodb.read_together(customer_and_organisation(org, registration.email)):
        organisation = organisations.get(org)
        customers.ensure_customer(registration, now=now)
    if registration.order and registration.invitation:  # Its hold was confirmed by the write that booked the order, before it was followed.
        booked = record_payment(orders.get(org, registration.order))
        registration = next((one for one in booked if one.id == registration.id), registration)
    invoices.issue_if_wanted(registration, organisation=organisation, now=now)
    if registration.send_confirmation:
        _queue_confirmation(registration, now=now)
    if registration.tell_moved:
        queue_to_booker("registration_moved", registration, now=now, moved_from=registration.moved_from)


def _queue_confirmation(registration: Registration, *, now: datetime) -> None:
    """Queue the confirmation of a registration. Those that were booked together have one, which the first to be confirmed queues."""
    if not registration.order:
        queue_to_booker("confirmation", registration, now=now)
        return
    first = orders.get(registration.org, registration.order).lines[0]
    queue(
        kind="confirmation",
        org=registration.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": first.session, "registration": first.registration, "order": registration.order},
        key=first_confirmation_key(registration),
        now=now,
    )


def order_booked(order: Order, *, now: datetime) -> None:
    """Confirm the holds of an order's lines, in case the request that booked it failed to."""
    complete(order, now=now)
