"""Messages: an e-mail is queued as a row, sent from the stream, and sent again when the schedule calls for what is overdue."""

from chalicelib.operations.messages.delivering import note_delivery
from chalicelib.operations.messages.following import (
    hold_came,
    hold_confirmed,
    hold_went,
    invitation_ended,
    invitation_resent,
    invoice_credited,
    registration_billed,
    registration_invoiced,
    registration_removed,
    registration_resized,
    session_cancelled,
    session_moved,
    waitlist_joined,
)
from chalicelib.operations.messages.mailing import mail_roster, queue_mailing
from chalicelib.operations.messages.queueing import queue
from chalicelib.operations.messages.reading import MessagePage, list_customer_messages, list_session_messages, read_message, waits
from chalicelib.operations.messages.sending import call_for_overdue, redrive, send

__all__ = [
    "MessagePage",
    "call_for_overdue",
    "hold_came",
    "hold_confirmed",
    "hold_went",
    "invitation_ended",
    "invitation_resent",
    "invoice_credited",
    "list_customer_messages",
    "list_session_messages",
    "mail_roster",
    "note_delivery",
    "queue",
    "queue_mailing",
    "read_message",
    "redrive",
    "registration_billed",
    "registration_invoiced",
    "registration_removed",
    "registration_resized",
    "send",
    "session_cancelled",
    "session_moved",
    "waitlist_joined",
    "waits",
]
