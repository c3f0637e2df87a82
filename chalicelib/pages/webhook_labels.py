"""What webhooks tell, in words: the types by group, and why an attempt had no answer."""

from collections.abc import Mapping

from chalicelib.pages.audit_labels import ACTIONS
from chalicelib.rules.translation import N_
from chalicelib.rules.webhooks import EVENT_TYPES, PING

KINDS: Mapping[str, str] = {
    "session": N_("Sessions"),
    "invitation": N_("Invitations"),
    "registration": N_("Registrations"),
    "attendance": N_("Attendance"),
    "waitlist": N_("Waitlist"),
    "customer": N_("Customers"),
    "code": N_("Invitation codes"),
    "invoice": N_("Invoices"),
    "payment": N_("Payments"),
}
GROUPS = [(word, [event for event in EVENT_TYPES if event.partition(".")[0] == kind]) for kind, word in KINDS.items()]
"""The types as the form shows them, each group with its heading."""
OTHERS = {
    "attendance.marked": N_("Attendance marked"),
    "code.redeemed": N_("Code redeemed"),
    "payment.refunded": N_("Payment refunded"),
    PING: N_("Test"),
}
"""Types that are no actions of the audit log."""
FAULTS = {
    "timed_out": N_("no answer in time"),
    "name_not_found": N_("address not found"),
    "address_refused": N_("address not allowed"),
    "certificate_refused": N_("certificate not valid"),
    "not_reached": N_("not reached"),
    "no_http": N_("no HTTP answer"),
    "switched_off": N_("switched off"),
    "fault_of_ours": N_("a fault on our side"),
}


def event_label(event: str) -> str:
    """Return what a type tells, in English and marked for translation."""
    return OTHERS.get(event) or ACTIONS[event]
