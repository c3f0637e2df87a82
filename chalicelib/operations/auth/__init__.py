"""Who may sign in, and how they come to an account and a password. Free of HTTP: API and pages call the same."""

from chalicelib.operations.auth.activate import activate_customer, activate_staff, customer_invited_by, has_account, invitation_of
from chalicelib.operations.auth.password_reset import ask_reset, reset_of, reset_password
from chalicelib.operations.auth.second_factor import sign_in_token, sign_in_with_code
from chalicelib.operations.auth.sign_in import refresh, sign_in, sign_out, sign_out_everywhere
from chalicelib.operations.auth.sign_up import begin_sign_up, confirm, is_from_browser, is_typed_password, pending_sign_up, typed_password
