from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("A refund"),
    placeholders=("customer_name", "organisation_name", "session_title", "participants", "amount", "details", "link"),
    context="refund",
    sample=("session", "registration", "refund"),
)
