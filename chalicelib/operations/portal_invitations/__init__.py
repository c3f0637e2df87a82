"""Inviting customers to the portal: one, many, again, on a schedule. Statuses move when an e-mail was really sent."""

from chalicelib.operations.portal_invitations.choosing import sort
from chalicelib.operations.portal_invitations.inviting import invite_audience, invite_customer, queue_invitations
from chalicelib.operations.portal_invitations.noting import note_sent
from chalicelib.operations.portal_invitations.reminding import remind_customers

__all__ = ["invite_audience", "invite_customer", "note_sent", "queue_invitations", "remind_customers", "sort"]
