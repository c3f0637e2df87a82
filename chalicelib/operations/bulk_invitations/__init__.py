"""Invitations of many people to one session: a choice, a reservation of all their spots, and a job that hands the spots over."""

from chalicelib.operations.bulk_invitations.choose import BulkPreview, preview
from chalicelib.operations.bulk_invitations.invite_next import invite_next
from chalicelib.operations.bulk_invitations.start import invite_many
