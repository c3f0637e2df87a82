from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("A new password"),
    placeholders=("organisation_name", "link"),
    context="password_reset",
    sample=(),
    sample_page="reset",
    requested=True,
)
