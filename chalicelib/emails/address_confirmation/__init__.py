from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Confirmation of an address"),
    placeholders=("organisation_name", "link"),
    context="address_confirmation",
    sample=(),
    sample_page="confirm",
    requested=True,
)
