"""Reactions to a change on a roster: rows follow the ledger's decision, and messages are queued. Every reaction may run twice."""

from chalicelib.operations.reactions.holds import hold_added, hold_confirmed, hold_removed, order_booked
from chalicelib.operations.reactions.invitations import invitation_ended, invitation_message, invitation_resent, kind_of, waitlist_joined
from chalicelib.operations.reactions.message_keys import (
    cancellation_key,
    first_confirmation_key,
    invitation_key,
    meeting_key,
    minimum_key,
    own_change_key,
    refund_key,
    waitlist_key,
)
from chalicelib.operations.reactions.registrations import (
    changed_by_family,
    confirmation_resent,
    invoice_credited,
    own_change_kind,
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
