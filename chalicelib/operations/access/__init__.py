"""Who may sign in, and how they come to an account and a password. Free of HTTP: API and pages call the same."""

from chalicelib.operations.access.activating import activate_customer, activate_staff, customer_invited_by, has_account, invitation_of
from chalicelib.operations.access.joining import confirm, join, joining_of
from chalicelib.operations.access.resetting import ask_reset, reset_of, reset_password
from chalicelib.operations.access.signing_in import refresh, sign_in, sign_out, sign_out_everywhere

__all__ = [
    "activate_customer",
    "activate_staff",
    "ask_reset",
    "confirm",
    "customer_invited_by",
    "has_account",
    "invitation_of",
    "join",
    "joining_of",
    "refresh",
    "reset_of",
    "reset_password",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
]
