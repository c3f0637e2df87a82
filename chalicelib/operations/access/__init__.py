"""Who may sign in, and how they come to an account and a password. Free of HTTP: API and pages call the same."""

from chalicelib.operations.access.activating import activate_staff, has_account, invitation_of
from chalicelib.operations.access.resetting import ask_reset, reset_of, reset_password
from chalicelib.operations.access.signing_in import memberships_of, refresh, sign_in, sign_out, sign_out_everywhere

__all__ = [
    "activate_staff",
    "ask_reset",
    "has_account",
    "invitation_of",
    "memberships_of",
    "refresh",
    "reset_of",
    "reset_password",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
]
