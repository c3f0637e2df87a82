"""Inviting customers to the portal: one, many, again, on a schedule. Statuses move when an e-mail was really sent."""

from chalicelib.operations.portal_invitations.choosing import sort
from chalicelib.operations.portal_invitations.following import Progress, ProgressPage, count_skipped, list_progress
from chalicelib.operations.portal_invitations.inviting import dry_run, invite_audience, invite_customer, queue_invitations
from chalicelib.operations.portal_invitations.noting import note_sent
from chalicelib.operations.portal_invitations.reminding import remind_customers
from chalicelib.operations.portal_invitations.wording import preview, usual_words

__all__ = [
    "Progress",
    "ProgressPage",
    "count_skipped",
    "dry_run",
    "invite_audience",
    "invite_customer",
    "list_progress",
    "note_sent",
    "preview",
    "queue_invitations",
    "remind_customers",
    "sort",
    "usual_words",
]
