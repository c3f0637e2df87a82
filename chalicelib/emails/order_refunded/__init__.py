from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Payment came in too late"),
    placeholders=("organisation_name", "session_title", "total", "details", "link"),
    context="order",
    sample=("session", "late_refund"),
    sample_page="p",
)
