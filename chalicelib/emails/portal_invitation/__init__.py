from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Invitation to the portal"),
    placeholders=("customer_name", "organisation_name", "link"),
    context="portal_invitation",
    sample=("customer",),
    unsubscribable=True,
    sample_page="activate",
)
