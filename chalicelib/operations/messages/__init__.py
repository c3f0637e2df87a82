"""Messages: an e-mail is queued as a row, sent from the stream, and sent again when the schedule finds it overdue."""

from chalicelib.operations.messages.delivery import note_delivery
from chalicelib.operations.messages.outbox import PAUSED_FOR, Called, call_for_overdue, dispatch, dispatch_of, send
from chalicelib.operations.messages.queries import (
    MessagePage,
    list_customer_messages,
    list_registration_messages,
    list_session_messages,
    read_message,
)
from chalicelib.operations.messages.queue import queue
from chalicelib.operations.messages.roster_messages import mail_roster, people, queue_roster_messages
from chalicelib.operations.messages.suppression import reaches, suppressions
