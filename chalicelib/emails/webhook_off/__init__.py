from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Webhook switched off, to owners"),
    placeholders=("staff_name", "organisation_name", "link"),
    context="webhook",
    sample=("member",),
    sample_page="o",
)
