"""Portal invitations: to one customer or many, again, and as reminders. A status changes only once the e-mail was sent."""

from chalicelib.operations.portal_invitations.audience import check_audience
from chalicelib.operations.portal_invitations.custom_text import default_text, preview
from chalicelib.operations.portal_invitations.invite import dry_run, invite_audience, invite_customer, queue_invitations
from chalicelib.operations.portal_invitations.mark_sent import note_sent
from chalicelib.operations.portal_invitations.progress import Progress, ProgressPage, count_skipped, list_progress
