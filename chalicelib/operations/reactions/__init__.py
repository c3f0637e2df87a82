"""Reactions to a change on a roster: rows follow the ledger's decision, and messages are queued. Every reaction may run twice."""

from chalicelib.operations.reactions.holds import hold_added, hold_confirmed, hold_removed, order_booked
from chalicelib.operations.reactions.invitations import invitation_ended, invitation_message, invitation_resent, kind_of, waitlist_joined
from chalicelib.operations.reactions.message_keys import (
    cancellation_key,
    family_change_key,
    first_confirmation_key,
    invitation_key,
    meeting_key,
    minimum_key,
    refund_key,
    waitlist_key,
)
from chalicelib.operations.reactions.registrations import (
    changed_by_family,
    confirmation_resent,
    family_change_kind,
    invoice_credited,
    refunded,
    registration_billed,
    registration_invoiced,
    registration_readdressed,
    registration_removed,
    registration_resized,
)
from chalicelib.operations.reactions.sessions import (
    meeting_cancelled,
    meeting_restored,
    minimum_decided,
    minimum_recipients,
    session_cancelled,
    session_moved,
)
