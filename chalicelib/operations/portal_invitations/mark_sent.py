"""Updates a customer's portal status once an invitation was sent."""

from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.messages import Message
from chalicelib.rules.portal_invitations import after_sending
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import customers, organisations

ATTEMPTS = 5


def note_sent(message: Message) -> None:
    """Record on the customer that this e-mail was sent: status, count and time of the next reminder. Repeatable, in any order."""
    for _ in range(ATTEMPTS):
        try:
            _note(message)
        except (NotFound, CustomerMerged):
            return
        except ChangedMeanwhile:
            continue
        return
    raise Busy


def _note(message: Message) -> None:
    was = customers.get(message.org, message.data["customer"])
    days = organisations.get(message.org).reminder_days
    sent_at = message.sent_at or message.created_at
    customers.note_sent(message, after_sending(was, message.kind, sent_at, days), was=was)
