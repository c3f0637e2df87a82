from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Invoice"),
    placeholders=("customer_name", "organisation_name", "invoice_number", "total", "details", "link"),
    context="invoice",
    sample=("registration", "invoice"),
    sample_page="invoice",
)
